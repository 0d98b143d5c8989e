"""What fuzzing the command line takes: files spoilt in every way, and a command run in-process.

A command ends in one of three ways: well, with one line that begins `outerloop: `, or with the
usage that a wrong option gets. Everything else that leaves `search.cli.main` is a traceback.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st

from search import cli
from search.driver.search import open_study
from search.errors import StudyStopped
from search.materials.gathering import gather
from search.recipes.space import distributions
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.file import load_study
from search.settings.study import flat_settings
from search.study.study import SearchStudy
from search.trial.chosen_lean import checked_by
from tests.search_tests.fakes import FakeGenerator, FakeSandbox, fake_parts
from tests.search_tests.frozen_run import frozen
from tests.search_tests.small_run import make_run

NASTY_YAML = (
    "", "~", "null", "true", "no", "[]", "{}", "[[]]", "{a: {b: c}}", "-1", "0", "1.5", "1e999",
    ".nan", ".inf", "-.inf", "9" * 30, "9" * 5000, "-" + "9" * 400, "0b", "0o8", "0x", "0x_", "1_",
    "2020-99-99", "2020-01-01", "2001-12-14t21:59:43.10-05:00", "1:99:99", "!!binary x",
    "!!binary [a]", "!!int abc", "!!float x", "!!timestamp x", "!!bool x", "!!null x",
    "!!python/object:os.system x", "!unknown x", "!!set {a}", "!!omap [a]", "!!pairs [a]",
    "&a [*a]", "&a {b: *a}", "*a", "{<<: 1}", "{<<: [1]}", "{? [a] : b}", "{? {a: b} : c}",
    '"\\uD800"', '"\\0"', '"\\x07"', "'", '"', "|", ">", "%", "@", "`", "- - -", "a: b: c",
    "\t", "\x00", "\x7f", "\ufeff", "\u2028", "\ud800", "[" * 500, "[" * 20_000, "{a: " * 3000,
    "---\na: b\n---\n", "embedded:contexts", "embedded:nothing", "/", ".", "..", "~root",
    "a" * 300, "a/" * 2000, '"a\\0b"', "/dev/null", "http://[", "hosted_vllm/", "local/", "s3://",
)  # fmt: skip
"""Scalars, collections and noise that YAML, pydantic and paths have opinions about."""
BOMB = "\n".join(
    ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
)
"""Aliases of aliases: a few lines that stand for 9^11 values."""
NASTY_JSON = (
    "NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "-0", '"\\ud800"', '"\\u0000"', "null",
    "[]", "{}", "[" * 200 + "]" * 200, "[" * 100_000, '{"a":' * 5000, "tru", '"', "\x00", "\ud800",
    '{"a": 1, "a": 2}', "1", "true", '"text"',
    '[{"arguments": 1}]', '[{"arguments": [], "value": {}}]',
    '[{"arguments": [NaN], "value": 1e400}]', '[{"arguments": [[[[1]]]], "value": "\\ud800"}]',
    '[{"arguments": [{"a": 1}], "value": ' + "9" * 400 + "}]",
)  # fmt: skip
NASTY_PYTHON = (
    "", "def f(x): return x", "def f(x):\n    return x\n\x00", "def f(", "(" * 300,
    "def f(x): return " + "(" * 250 + "x" + ")" * 250, "def f(x): return " + "-" * 20_000 + "x",
    "def f(x): return " + "+".join(["x"] * 20_000), "x = 1", "class A: pass", "def f(x): '\ud800'",
    "def f(x):\n\t return x\n  return x", "def f(x): return " + "9" * 5000,
    "\ufeffdef f(x): return x",
    "def f(x): return f'{x!z}'", "# -*- coding: nope -*-\ndef f(x): return x", "lambda: 0",
    "async def f(x): return x", "def f(x): return 0o9", "def f(x):\n  'doc'",
    "def f(x): '''d'''; return x",
)  # fmt: skip


def run_outerloop(*arguments: str) -> tuple[int, str]:
    """Run a command as the shell would; its exit status and what it said on stderr.

    Raises:
        BaseException: what would have been a traceback.
    """
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["outerloop", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as ended:
            return int(ended.code or 0), err.getvalue()
    return 0, err.getvalue()


def require_clean(*arguments: str) -> int:
    """Run a command, and check that it ended in one of the three ways."""
    status, said = run_outerloop(*arguments)
    if status == 1:
        assert said.startswith("outerloop: "), said
        assert said.count("\n") == 1, said
    else:
        assert status in {0, 2}, (status, said)
    return status


@contextlib.contextmanager
def fake_machines() -> Iterator[None]:
    """Models, Lean and Ray replaced, so that commands go as far as files decide."""

    @contextlib.contextmanager
    def no_cluster(_: object) -> Iterator[None]:
        raise StudyStopped("no Ray in this test")
        yield

    def serve(place: object, **_: object) -> None:
        from search.study.storage import open_to_read

        open_to_read(place)  # type: ignore[arg-type]

    with (
        mock.patch("search.driver.dry_run.real_parts", fake_parts),
        mock.patch("search.driver.search.real_parts", fake_parts),
        mock.patch("search.sweep.sweep.real_parts", fake_parts),
        mock.patch("search.driver.search.cluster", no_cluster),
        mock.patch("search.sweep.sweep.cluster", no_cluster),
        mock.patch("search.report.dashboard.serve_dashboard", serve),
        mock.patch("search.offline.dataset_request.open_checker", return_value=FakeSandbox()),
        mock.patch("search.offline.dataset_request.make_generator", return_value=FakeGenerator()),
    ):
        yield


def make_folder(folder: Path) -> Path:
    """A folder with a study, a finished run, a sweep and their stages, to be spoilt."""
    folder.mkdir(parents=True, exist_ok=True)
    run = make_run(folder, trials=3, failed=1, running=1, attached=True)
    _tie(run, folder / "study.yaml")
    place = RunFolder(run)
    frozen(place)
    (run / "final.json").write_text("{}", encoding="utf-8")
    place.finish({"student": "fake-student", "trials": {"complete": 3, "pruned": 0}, "spent": {}})
    (run / "driver.json").write_text('{"host": "h", "pid": 1}', encoding="utf-8")
    (run / "driver.lock").touch()
    sweep = folder / "sweep"
    shutil.copytree(run, sweep / "fake-student")
    with contextlib.closing(sqlite3.connect(sweep / "fake-student" / "study.db")) as renamed:
        renamed.execute("UPDATE studies SET study_name = 'small-fake-student'")
        renamed.execute(
            """UPDATE study_system_attributes SET value_json =
            replace(value_json, '\\"small\\"', '\\"small-fake-student\\"')"""
        )
        renamed.commit()
    shutil.copytree(run / "stages", sweep / "stages")
    (sweep / "sweep.lock").touch()
    (sweep / "transfer.json").write_text("{}", encoding="utf-8")
    return folder


def _tie(run: Path, study: Path) -> None:
    """Let the study of a run say that it was made from a study file, as a search does."""
    settings, folder = load_study(study), RunFolder(run)
    home = StudyHome.of(settings, folder)
    known = SearchStudy(
        run / "study.db",
        name=settings.name,
        space=distributions(settings.recipe),
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    known.note("settings", json.dumps(flat_settings(settings)))
    known.close()
    with contextlib.ExitStack() as driving:
        lean = checked_by(settings.resources.lean)
        open_study(home, settings, gather(settings), lean, say=str, driving=driving)


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("report", "run"),
    ("report", "sweep"),
    ("export", "run", "--out", "exported"),
    ("why", "--run", "run"),
    ("why", "search-3", "--run", "run"),
    ("dashboard", "run", "--port", "18765"),
    ("search", "study.yaml", "--run-dir", "run", "--dry-run"),
    ("search", "study.yaml", "--run-dir", "run", "--resume"),
    ("sweep", "study.yaml", "--student", "fake-student", "--student", "b", "--sweep-dir", "sweep",
     "--dry-run"),
    ("sweep", "study.yaml", "--student", "fake-student", "--student", "b", "--sweep-dir", "sweep",
     "--resume", "--money", "5"),
    ("generate", "run/pipeline", "contexts.jsonl", "--out", "data", "--resume"),
)  # fmt: skip
"""Commands that read a run folder, in a folder of `make_folder`."""


def spoil(path: Path, how: str, junk: bytes) -> None:
    """Do one bad thing to a file; `junk` is what is written where something is."""
    content = path.read_bytes() if path.is_file() else b""
    if how == "delete":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "dangling":
        path.unlink()
        path.symlink_to("nowhere-at-all")
    elif how == "loop":
        path.unlink()
        path.symlink_to(path.name)
    elif how == "half":
        path.write_bytes(content[: len(content) // 2])
    elif how == "junk":
        path.write_bytes(junk)
    elif how == "insert":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + junk + content[middle:])
    else:
        assert how == "values"
        path.write_bytes(_other_values(content, junk))


HOWS = ("delete", "folder", "dangling", "loop", "half", "junk", "insert", "values")
JUNKS = (
    b"", b"\x00", b"{}", b"[]", b"null", b"1", b'"text"', b"{", b"\xff\xfe\xfd", b"[" * 20_000,
    b'{"schema": 1}', b'{"a": NaN}', b"9" * 5000, b'"\\ud800"', b"\n\n", b"SQLite format 3\x00",
    b"<html>", b"\x1f\x8b\x08", b'{"op_code": 99}\n',
)  # fmt: skip


def _other_values(content: bytes, junk: bytes) -> bytes:
    """A JSON file with every second value another one, or the junk where it is no JSON."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return junk
    turn = [len(junk)]
    others = (None, -1, "x", [], {}, 1e308, True, "\ud800")

    def other(value: object) -> object:
        turn[0] += 1
        if turn[0] % 7 == 0:
            return others[turn[0] % len(others)]
        if isinstance(value, dict):
            return {name: other(one) for name, one in value.items()}
        if isinstance(value, list):
            return [other(one) for one in value]
        return value

    return json.dumps(other(value)).encode()


Texts = st.text(st.characters(), max_size=40)


def yaml_texts(example: str) -> st.SearchStrategy[bytes]:
    """Study files: rubbish, and an example with pieces replaced."""
    lines = example.splitlines()

    @st.composite
    def edited(draw: st.DrawFn) -> bytes:
        text = list(lines)
        for _ in range(draw(st.integers(1, 3))):
            place = draw(st.integers(0, len(text) - 1))
            junk = draw(st.sampled_from(NASTY_YAML) | Texts)
            head = text[place].partition(":")[0]
            text[place] = draw(
                st.sampled_from(
                    (f"{head}: {junk}", junk, text[place] + junk, f"{junk}: {head}", "", head)
                )
            )
        return "\n".join(text).encode("utf-8", "surrogatepass")

    @st.composite
    def cut(draw: st.DrawFn) -> bytes:
        content = example.encode()
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 60)))
        junk = draw(st.binary(max_size=12) | st.sampled_from(NASTY_YAML).map(_bytes))
        return content[:start] + junk + content[end:]

    encodings = st.sampled_from(("utf-16", "utf-32", "latin-1", "cp037"))
    return st.one_of(
        edited(),
        edited(),
        cut(),
        st.binary(max_size=80),
        encodings.map(example.encode),
        st.sampled_from((BOMB, f"{example}\n{BOMB}", example + example)).map(_bytes),
    )


def rows_texts(rows: Sequence[dict[str, object]]) -> st.SearchStrategy[bytes]:
    """JSON Lines files: rows with values replaced, broken lines, broken gzip."""

    @st.composite
    def edited(draw: st.DrawFn) -> bytes:
        lines = []
        for row in rows:
            fields = {name: json.dumps(value) for name, value in row.items()}
            if draw(st.integers(0, 4)) == 0:
                name = draw(st.sampled_from(sorted(fields)))
                fields[name] = draw(
                    st.sampled_from(NASTY_JSON)
                    | st.sampled_from(NASTY_PYTHON).map(json.dumps)
                    | Texts.map(json.dumps)
                    | st.recursive(
                        st.none() | st.floats() | st.integers() | Texts,
                        lambda inner: (
                            st.lists(inner, max_size=3) | st.dictionaries(Texts, inner, max_size=3)
                        ),
                        max_leaves=8,
                    ).map(json.dumps)
                )
            lines.append("{" + ", ".join(f'"{one}": {text}' for one, text in fields.items()) + "}")
        if draw(st.booleans()):
            place = draw(st.integers(0, len(lines)))
            lines.insert(place, draw(st.sampled_from(NASTY_JSON) | Texts))
        content = "\n".join(lines).encode("utf-8", "surrogatepass")
        if draw(st.integers(0, 4)) == 0:
            packed = gzip.compress(content)
            end = draw(st.integers(0, len(packed)))
            content = packed[:end] + draw(st.binary(max_size=3)) + packed[end + 1 :]
        return content

    return st.one_of(edited(), edited(), st.binary(max_size=60))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[Path]:
    """Work in a folder; what is made there goes afterwards."""
    before = Path.cwd()
    folder.mkdir(parents=True)
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)


Check = Callable[[], object]
