"""What a study file may say of the Lean that judges."""

from __future__ import annotations

import pytest

from search.errors import SettingsError
from search.settings.file import parse_study
from search.settings.study import StudySettings, flat_settings

SMALL = """\
name: small
generator: {model: local/fake}
recipe: {base: Translate.}
"""
SECRET = "sk-5ecret"


def study(lean: str) -> StudySettings:
    return parse_study(f"{SMALL}resources:\n  lean: {{{lean}}}\n", name="study.yaml")


@pytest.mark.parametrize(
    "lean",
    [
        "",
        "toolchain: default",
        "toolchain: v4.28.0",
        "project: ~/mathlib-project",
        "project: mine, allow_imports: [Mine.Basic]",
        "server: 'http://127.0.0.1:8000'",
        "server: 'https://lean.example/behind/a/proxy/', api_key_env: LEAN_KEY, wait_minutes: 2",
        "server: 'http://[::1]:8000'",
    ],
)
def test_one_lean_is_named_or_none(lean: str) -> None:
    assert study(lean).resources.lean.wait_minutes in (2, 10)


@pytest.mark.parametrize(
    ("lean", "says"),
    [
        (
            "project: p, toolchain: t",
            "lean.toolchain: `project` has a toolchain of its own; keep one of `project` "
            "and `toolchain`",
        ),
        ("project: p, server: 'http://h'", "lean.server: `project` is one Lean; keep one of"),
        ("toolchain: t, server: 'http://h'", "lean.server: `toolchain` is one Lean; keep one of"),
        (
            "allow_imports: [Mathlib]",
            "lean.allow_imports: the embedded Lean has a fixed list of imports; name a Lake "
            "project as `project`",
        ),
        (
            "server: 'http://h', allow_imports: [Mathlib]",
            "lean.allow_imports: the server says what programs may import: start it with "
            "--allow-import",
        ),
        (
            "api_key_env: LEAN_KEY",
            "lean.api_key_env: is for a server; name it in `server`, or drop `api_key_env`",
        ),
        ("project: p, wait_minutes: 3", "lean.wait_minutes: is for a server"),
        ("server: '127.0.0.1:8000'", "lean.server: is no address; give one like http://"),
        ("server: 'ftp://h'", "lean.server: is no address"),
        ("server: 'http://'", "lean.server: is no address"),
        ("server: 'http://h:port'", "lean.server: is no address"),
        ("server: 'http://u:sk-5ecret@h'", "lean.server: holds a name, a password or a query"),
        (
            "server: 'http://h?key=sk-5ecret'",
            "an environment variable that `api_key_env`",
        ),
        (
            "server: 'http://h', api_key_env: sk-5ecret",
            "lean.api_key_env: is no name of an environment variable; export the key in one",
        ),
        ("server: 'http://h', wait_minutes: 0", "lean.wait_minutes: input should be greater than"),
        ("fingerprint: abc", "lean.fingerprint: string should match pattern"),
        ("url: 'http://h'", "lean.url: unknown key"),
        ("toolchain: ''", "lean.toolchain: string should have at least 1 character"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line_and_the_way_out(
    lean: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        study(lean)
    message = str(refused.value)
    assert message.startswith("study.yaml:5: resources.lean")
    assert says in message
    assert SECRET not in message


def test_a_study_without_a_lean_of_its_own_is_what_it_was() -> None:
    assert not [name for name in flat_settings(study("")) if "lean." in name]


def test_where_a_server_is_and_how_it_is_entered_is_no_setting_of_the_study() -> None:
    flat = flat_settings(study("server: 'http://h', api_key_env: LEAN_KEY"))
    assert flat["resources.lean.wait_minutes"] == 10
    assert not {"resources.lean.server", "resources.lean.api_key_env"} & flat.keys()
