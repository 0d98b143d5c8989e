"""No program may declare a name that the library mentions and lacks, however it declares it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.missing_names import survey, with_missing
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.server_worker import Launch, ServerWorker
from lean_sandbox.toolchain import PACKAGE_SHA512, Toolchain
from lean_sandbox.verdict import Verdict
from lean_sandbox.wasm import WasmBackend

SMALLEST = "def Std.Iter.atIdxSlow?._unary.induct_unfolding : Nat := 0"
LIBRARY = "the library of these tests"

_SURVEYOR = """
import json, pathlib, sys
first = json.loads(sys.stdin.readline())
times = pathlib.Path("times")
times.write_text(times.read_text() + "x" if times.exists() else "x")
print("[DEBUG:A] a loader's word")
print(first["nonce"], "missing", json.dumps(["a.b of " + name for name in first["survey"]]))
"""


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """How a process is started that answers the survey at once."""
    (tmp_path / "server.py").write_text(_SURVEYOR)
    command = (sys.executable, "-I", "-S", "server.py")
    return Launch(command=command, cwd=tmp_path, way_out="wait", imports=("Init", "Std.Data"))


def times_asked(launch: Launch) -> int:
    return len((launch.cwd / "times").read_text())


def test_lean_is_asked_once_for_a_library(launch: Launch) -> None:
    names = ("a.b of Init", "a.b of Std.Data")
    assert with_missing(launch, library=LIBRARY).missing == names
    assert with_missing(launch, library=LIBRARY).missing == names
    assert times_asked(launch) == 1


def test_another_library_and_other_imports_are_asked_about(launch: Launch) -> None:
    with_missing(launch, library=LIBRARY)
    with_missing(launch, library="the same, built again")
    only_init = with_missing(replace(launch, imports=("Init",)), library=LIBRARY)
    assert only_init.missing == ("a.b of Init",)
    assert times_asked(launch) == 3


def test_an_answer_that_was_changed_is_asked_for_again(launch: Launch) -> None:
    with_missing(launch, library=LIBRARY)
    (kept,) = launch.cwd.glob("library-*/missing.json")
    kept.write_text("[]")
    assert with_missing(launch, library=LIBRARY).missing == ("a.b of Init", "a.b of Std.Data")
    assert json.loads(kept.read_text()) == ["a.b of Init", "a.b of Std.Data"]


def test_a_lean_that_does_not_answer_is_no_empty_answer(launch: Launch) -> None:
    (launch.cwd / "server.py").write_text("")
    with pytest.raises(SandboxUnavailable, match="did not start"):
        with_missing(launch, library=LIBRARY)
    assert list(launch.cwd.glob("library-*/missing.json")) == []


@pytest.fixture(scope="module")
def missing(installed: Toolchain) -> tuple[str, ...]:
    return with_missing(WasmBackend(installed).launch(), library=PACKAGE_SHA512).missing or ()


def quoted(name: str) -> str:
    """The name part by part in «», so that a text can write any of them."""
    return ".".join(f"«{part}»" for part in name.split("."))


def front(name: str) -> str:
    return quoted(name).rpartition(".")[0]


def last(name: str) -> str:
    return quoted(name).rpartition(".")[2]


FORMS: dict[str, Callable[[str], str]] = {
    "def": lambda n: f"def {quoted(n)} : Nat := 0",
    "from the root": lambda n: f"namespace A\ndef _root_.{quoted(n)} : Nat := 0\nend A",
    "theorem": lambda n: f"theorem {quoted(n)} : True := trivial",
    "abbrev": lambda n: f"abbrev {quoted(n)} : Nat := 0",
    "protected": lambda n: f"protected def {quoted(n)} : Nat := 0",
    "noncomputable": lambda n: f"noncomputable def {quoted(n)} : Nat := 0",
    "partial": lambda n: f"partial def {quoted(n)} (n : Nat) : Nat := {quoted(n)} n",
    "instance": lambda n: f"instance {quoted(n)} : Inhabited Nat := ⟨0⟩",
    "attribute": lambda n: f"@[simp, inline] def {quoted(n)} : Nat := 0",
    "structure": lambda n: f"structure {quoted(n)} where\n  x : Nat",
    "class": lambda n: f"class {quoted(n)} where\n  x : Nat",
    "inductive": lambda n: f"inductive {quoted(n)} where\n  | a\n  deriving DecidableEq",
    "constructor": lambda n: f"inductive {front(n)} where\n  | {last(n)}",
    "field": lambda n: f"structure {front(n)} where\n  {last(n)} : Nat",
    "name of a constructor": lambda n: f"structure {front(n)} where\n  {last(n)} ::\n  x : Nat",
    "namespace": lambda n: f"namespace {front(n)}\ndef {last(n)} : Nat := 0\nend {front(n)}",
    "open": lambda n: f"open Nat in\nset_option autoImplicit true in\ndef {quoted(n)} : Nat := 0",
    "mutual": lambda n: (
        f"mutual\ndef {quoted(n)} : Nat → Nat\n  | 0 => 0\n  | n + 1 => other n\n"
        f"def other : Nat → Nat\n  | 0 => 1\n  | n + 1 => {quoted(n)} n\nend"
    ),
    "where": lambda n: f"def {front(n)} : Nat := 0 where\n  {last(n)} : Nat := 0",
    "let rec": lambda n: f"def {front(n)} : Nat :=\n  let rec {last(n)} : Nat := 0\n  {last(n)}",
    "auto-bound": lambda n: f"set_option autoImplicit true\ndef {quoted(n)} (x : α) : α := x",
    "section variable": lambda n: f"variable (n : Nat)\ninclude n\ndef {quoted(n)} : Nat := 0",
    "recursion": lambda n: f"def {quoted(n)} : Nat → Nat\n  | 0 => 0\n  | n + 1 => {quoted(n)} n",
    "macro_inline": lambda n: f"@[macro_inline, always_inline] def {quoted(n)} : Nat := 0",
}


def ask(pool: LeanPool, programs: list[str]) -> list[Verdict]:
    return pool.check_many([CheckRequest(program) for program in programs])


@pytest.mark.lean
def test_the_library_lacks_what_it_is_known_to_lack(missing: tuple[str, ...]) -> None:
    public = [name for name in missing if not name.startswith("_private.")]
    assert "Std.Iter.atIdxSlow?._unary.induct_unfolding" in public
    assert "ByteArray.utf8Decode?.go._unary.induct_unfolding" in public
    assert len(missing) > 400


@pytest.mark.lean
@pytest.mark.parametrize("header", ["", "import Std\n"])
@pytest.mark.parametrize("form", FORMS)
def test_no_form_declares_a_missing_name(
    pool: LeanPool, missing: tuple[str, ...], form: str, header: str
) -> None:
    names = [name for name in missing if not name.startswith("_private.")]
    verdicts = ask(pool, [header + FORMS[form](name) for name in names])
    accepted = [name for name, said in zip(names, verdicts, strict=True) if said.accepted]
    assert accepted == []
    assert all(said.reason in {"kernel_refused", "elaboration_error"} for said in verdicts)


@pytest.mark.lean
@pytest.mark.parametrize("form", FORMS)
def test_the_same_forms_declare_other_names(pool: LeanPool, form: str) -> None:
    (said,) = ask(pool, [FORMS[form]("Mine.own.induct_folding")])
    assert said.accepted, said


@pytest.mark.lean
def test_no_missing_name_is_declared_part_by_part(
    pool: LeanPool, missing: tuple[str, ...]
) -> None:
    verdicts = ask(pool, [FORMS["def"](name) for name in missing])
    accepted = [name for name, said in zip(missing, verdicts, strict=True) if said.accepted]
    assert accepted == []


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.parametrize(
    "header", ["Init", "Std.Data.HashMap", "Std.Data.Iterators", "Std.Data.DTreeMap", "Std.Do"]
)
def test_a_smaller_header_lacks_nothing_else(
    installed: Toolchain, missing: tuple[str, ...], header: str
) -> None:
    smaller = survey(replace(WasmBackend(installed).launch(), imports=(header,)))
    assert set(smaller) <= set(missing)


@pytest.mark.lean
@pytest.mark.slow
def test_a_worker_that_is_told_no_names_looks_for_them(installed: Toolchain) -> None:
    worker = ServerWorker.start(WasmBackend(installed).launch())
    said = worker.check(CheckRequest(SMALLEST), timeout_seconds=60).verdict
    worker.close()
    assert said.reason == "kernel_refused", said
