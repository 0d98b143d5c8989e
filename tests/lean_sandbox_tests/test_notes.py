"""What is left out of a program or read as less than it says, and that the verdict says so."""

from __future__ import annotations

import pytest

from lean_sandbox.policy import OPTION_CAPS
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.verdict import Note, NoteKind, Severity

pytestmark = pytest.mark.lean

THEOREM = "theorem t : 1 + 1 = 2 := rfl"


def skipped(*words: str) -> list[tuple[str, int, str]]:
    return [("skipped", line, word) for line, word in enumerate(words, start=1)]


def notes(pool: LeanPool, program: str) -> list[tuple[str, int, str]]:
    said = check(pool, program)
    assert said.accepted, said
    return [(note.kind.value, note.line, note.text) for note in said.notes]


@pytest.mark.parametrize(
    "command",
    [
        "#eval 1",
        "#eval! 1",
        "#guard 1 == 2",
        "#guard_expr 1 =~ 2",
        "#check nosuch",
        "#check_failure Nat",
        "#print nosuch",
        "#print axioms Nat.add_comm",
        "#reduce (2 : Nat) ^ 100000",
        "#synth Inhabited Empty",
        "#where",
        "#version",
        "#time def never := 1",
        "assert_not_exists Nat",
    ],
)
def test_a_command_that_declares_nothing_is_left_out(pool: LeanPool, command: str) -> None:
    assert notes(pool, command) == skipped(command.split()[0])
    assert notes(pool, f"open Nat in set_option pp.all true in\n{command}") == [
        ("skipped", 2, command.split()[0])
    ]


@pytest.mark.parametrize(
    "command",
    [
        '#eval IO.FS.readFile "/etc/hostname"',
        "#eval (IO.Process.exit 0 : IO Unit)",
        "partial def f (n : Nat) : Nat := f n\n#eval f 0",
        'partial def f (n : Nat) : Nat := dbg_trace "x"; f n\n#guard f 0 == 0',
        '#eval show IO Unit from do discard <| IO.asTask (IO.println "1")',
        "open IO in #eval (Process.exit 1 : IO Unit)",
        "#guard_msgs in #eval (IO.Process.exit 1 : IO Unit)",
        "#time #eval (IO.Process.exit 1 : IO Unit)",
    ],
)
def test_what_is_left_out_never_runs(pool: LeanPool, command: str) -> None:
    before = pool.status()
    for listens in (False, True):
        said = pool.check_many([CheckRequest(command, messages=listens)])[0]
        assert said.accepted, said
        assert said.messages == ()
        assert said.notes[-1].kind is NoteKind.SKIPPED
    after = pool.status()
    assert (after.kills, after.lost) == (before.kills, before.lost)


def test_a_text_of_many_has_notes_on_the_first_fifty(pool: LeanPool) -> None:
    assert notes(pool, "#eval 1\n" * 60) == skipped(*["#eval"] * 50)


def test_what_a_guard_guards_is_judged(pool: LeanPool) -> None:
    guarded = f"/-- info: t -/\n#guard_msgs in\nopen Nat in\n{THEOREM}"
    said = check(pool, guarded, target="theorem t : 1 + 1 = 2")
    assert said.accepted, said
    assert said.notes == (Note(NoteKind.SKIPPED, 1, "#guard_msgs"),)


def test_what_only_speaks_is_heard_by_those_who_ask_and_counts_for_nothing(
    pool: LeanPool,
) -> None:
    program = f"#check Nat\n#check nosuch\n{THEOREM}\n#print nosuch"
    silent, heard = pool.check_many([CheckRequest(program), CheckRequest(program, messages=True)])
    assert silent.accepted
    assert heard.accepted
    assert [note.line for note in silent.notes] == [1, 2, 4]
    assert heard.notes == ()
    assert [(m.severity, m.line) for m in heard.messages] == [
        (Severity.INFO, 1),
        (Severity.ERROR, 2),
        (Severity.ERROR, 4),
    ]


def test_what_only_speaks_passes_the_gates_before_it_is_heard(pool: LeanPool) -> None:
    for command in ("#check (by run_tac return : True)", "#reduce (by_elab return default)"):
        said = pool.check_many([CheckRequest(command, messages=True)])[0]
        assert said.accepted
        assert said.messages == ()
        assert said.notes == (Note(NoteKind.SKIPPED, 1, command.split()[0]),)


@pytest.mark.parametrize(("option", "cap"), OPTION_CAPS)
@pytest.mark.parametrize("where", ["set_option {} {}\n", "set_option {} {} in\n"])
def test_a_limit_off_or_too_high_is_read_as_the_highest(
    pool: LeanPool, option: str, cap: int, where: str
) -> None:
    for value in (0, cap + 1):
        program = where.format(option, value) + THEOREM
        assert notes(pool, program) == [("clamped", 1, f"{option} {value} to {cap}")]
    assert notes(pool, where.format(option, cap) + THEOREM) == []


def test_limits_are_clamped_in_terms_and_proofs_and_inside_one_another(pool: LeanPool) -> None:
    program = (
        "def f : Nat := set_option maxHeartbeats 0 in\n  set_option maxRecDepth 0 in 1\n"
        "theorem t : 1 + 1 = 2 := by\n  set_option maxHeartbeats 0x7FFFFFFF in\n  rfl"
    )
    assert notes(pool, program) == [
        ("clamped", 1, "maxHeartbeats 0 to 400000"),
        ("clamped", 2, "maxRecDepth 0 to 4096"),
        ("clamped", 4, "maxHeartbeats 2147483647 to 400000"),
    ]


def test_a_clamped_limit_holds(pool: LeanPool) -> None:
    said = check(
        pool,
        "set_option maxRecDepth 1000000 in\n"
        "example : (List.range 200000).length = 200000 := by decide",
    )
    assert said.reason == "elaboration_error"
    assert said.notes == (Note(NoteKind.CLAMPED, 1, "maxRecDepth 1000000 to 4096"),)


def test_import_std_brings_what_may_be_had_and_says_what(pool: LeanPool) -> None:
    program = "import Init\nimport Std\ndef f (m : Std.HashMap Nat Nat) : Nat := m.size"
    assert notes(pool, program) == [
        ("narrowed", 2, "import Std to Std.Data, Std.Do, Std.Tactic.Do")
    ]


def test_a_byte_order_mark_is_no_part_of_a_program(pool: LeanPool) -> None:
    assert notes(pool, f"\ufeff{THEOREM}\n#eval 1") == [("skipped", 2, "#eval")]


@pytest.mark.parametrize(
    ("program", "way_out"),
    [
        ("import Mathlib", "`outerloop lean check --project FOLDER`"),
        ("import Std.Sync", "programs may import Init, Std.Data"),
        ("lemma t : 1 = 1 := rfl", "`lemma` is Mathlib's word for `theorem`"),
        ("theorem t : 1 < 2 := by norm_num", "`norm_num` is Mathlib's"),
        ("theorem t (a : Nat) : a < a + 1 := by\n  nlinarith [a]", "`nlinarith` is Mathlib's"),
        ('macro "x" : term => `(1)', "write `notation`"),
        ("axiom a : 1 = 1", "as a hypothesis"),
        ("opaque a : Nat", "with `def`"),
        ("theorem t : 1 < 2 := by native_decide", "write `decide`"),
        ("def n := 1\n@[implemented_by n] def m := 1", "leave the attribute out"),
        ("set_option debug.skipKernelTC true", "leave it out"),
        ("def f := 1\n#exit", "leave it out"),
        ("def n : Nat := 1\ntheorem t : n = n := by simp (maxSteps := n)", "write its value"),
    ],
)
def test_a_refusal_names_the_way_out(pool: LeanPool, program: str, way_out: str) -> None:
    assert way_out in check(pool, program).detail


@pytest.mark.parametrize("text", ["", "`", "ring", "x ring", "theorem t : 1 = 1 := by ring", "/-"])
def test_a_parse_error_may_stand_anywhere(pool: LeanPool, text: str) -> None:
    assert check(pool, f"def f := 1\n{text}").reason in ("", "parse_error", "elaboration_error")
