"""What a program may import, and that what it imports is gone with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.server_worker import ServerWorker
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.wasm import WasmBackend

pytestmark = pytest.mark.lean

MAP = "def f (m : Std.HashMap Nat Nat) : Nat := m.size"
THEOREM = "theorem t : 1 + 1 = 2 := rfl"


@pytest.mark.parametrize(
    "header",
    [
        "import Init",
        "import Init.Data.List",
        "import Init import Init",
        "-- import Lean\n/- import Lean -/",
        "import Std.Data.HashMap -- maps",
        "import Std",
        "import «Std»",
        "import Std.Do\nimport Std.Tactic.Do",
    ],
)
def test_a_header_of_allowed_modules_is_accepted(pool: LeanPool, header: str) -> None:
    said = check(pool, f"{header}\n{THEOREM}", target="theorem t : 1 + 1 = 2")
    assert said.accepted, said


@pytest.mark.parametrize(
    "header",
    [
        "import Lean",
        "import Lake",
        "import Std\nimport Lean",
        "import Std.Internal",
        "import Std.Internal.Parsec",
        "import Std.Sync",
        "import Std.Tactic",
        "import Std.Tactic.BVDecide",
        "import Std.Time",
        "import Stdx",
        "import Mathlib",
        "/- first -/ import Init import Lean.Elab",
        "import Std.Data.NoSuchModule",
        "import «Std.Data»",
        "import Std.Data.«..».«..».Lean.Elab",
        "import Std.Data.«/etc/passwd»",
        "prelude",
        "prelude\nimport Init",
        "module",
        "module\npublic import Init",
        "module\nimport all Init.Prelude",
        "module\nmeta import Init",
    ],
)
def test_any_other_header_is_refused_with_a_reason_of_its_own(pool: LeanPool, header: str) -> None:
    said = check(pool, f"{header}\n{THEOREM}")
    assert said.reason == "import_not_allowed", said
    assert said.gates == ("size", "syntax")


@pytest.mark.parametrize("header", ["import", "import Init.", "import all Init", "/- open"])
def test_a_header_that_is_not_lean_is_a_parse_error(pool: LeanPool, header: str) -> None:
    assert check(pool, f"{header}\n{THEOREM}").reason == "parse_error"


def test_an_import_behind_the_header_is_no_allowed_command(pool: LeanPool) -> None:
    assert check(pool, f"{THEOREM}\nimport Init").reason == "command_not_allowed"


def test_only_a_program_that_imports_a_module_sees_it(pool: LeanPool) -> None:
    assert check(pool, f"import Std.Data.HashMap\n{MAP}").accepted
    assert check(pool, MAP).reason == "elaboration_error"
    tree = MAP.replace("HashMap", "TreeMap")
    assert check(pool, f"import Std.Data.TreeMap\n{tree}").accepted
    assert check(pool, f"import Std.Data.HashMap\n{tree}").reason == "elaboration_error"


def test_a_program_sees_what_its_target_imports(pool: LeanPool) -> None:
    asked = "import Std.Data.HashMap\ndef f (m : Std.HashMap Nat Nat) : Nat"
    assert check(pool, MAP, target=asked).accepted
    refused = check(pool, MAP, target="import Lean\ndef f (m : Std.HashMap Nat Nat) : Nat")
    assert refused.reason == "bad_target"


@pytest.mark.slow
def test_what_is_imported_ahead_serves_every_header_that_adds_nothing(
    installed: Toolchain,
) -> None:
    launch = replace(WasmBackend(installed).launch(), preload=("Std.Data.HashMap",))
    worker = ServerWorker.start(launch)

    def seconds(program: str) -> float:
        verdict = worker.check(CheckRequest(program), timeout_seconds=60).verdict
        assert verdict.accepted, verdict
        return verdict.seconds

    seconds(MAP.replace("Std.HashMap Nat Nat", "List Nat").replace("size", "length"))
    added = seconds(f"import Std.Data.TreeMap\nimport Std.Data.HashMap\n{MAP}")
    ahead = seconds(f"import Std.Data.HashMap\n{MAP}")
    same = seconds(f"import Std.Data.HashMap.Lemmas\nimport Std.Data.HashMap\n{MAP}")
    assert ahead < added / 2
    assert same < added / 2
    worker.close()


def test_lines_are_counted_from_the_top_of_the_text(pool: LeanPool) -> None:
    said = check(pool, "\nimport Init\n\ndef f : Nat := true")
    assert said.detail.startswith("line 4:"), said
