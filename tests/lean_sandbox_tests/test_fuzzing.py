"""Random programs against targets that are false: none may be accepted.

Two sources: a grammar over commands, options, attributes, term and tactic forms, and mutations of
programs that are accepted. The same programs go against a target that is true, where verdicts
must repeat and some must be accepted, so that a fuzzer that only writes rubbish fails.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict
from tests.lean_sandbox_tests.harmless import HARMLESS
from tests.lean_sandbox_tests.programs import read

pytestmark = pytest.mark.lean

SECONDS = float(os.environ.get("OUTERLOOP_FUZZ_SECONDS", "600"))
BATCH = 8
"""Programs sent together."""


@dataclass(frozen=True)
class Goal:
    """What a program is asked for."""

    target: str
    tests: tuple[str, ...] = ()

    @property
    def is_theorem(self) -> bool:
        return self.target.startswith("theorem")


FALSE = (
    Goal("theorem target : 1 + 1 = 3"),
    Goal("theorem target : ∀ n : Nat, n < 5"),
    Goal("theorem target : False"),
    Goal("theorem target (p : Prop) : p ∨ p → ¬p"),
    Goal("def target (n : Nat) : Nat", ("target 3 = 4 ∧ target 3 = 5",)),
    Goal("def target (n : Nat) : Bool", ("(target 2 && !target 2) = true",)),
    Goal("def limit : Nat := 7\ntheorem target : limit < 7"),
)
"""No program meets any of these."""
TRUE = Goal("theorem target : 1 + 1 = 2")

PRELUDES = (
    "set_option autoImplicit true",
    "set_option relaxedAutoImplicit true",
    "set_option debug.skipKernelTC true",
    "set_option debug.byAsSorry true",
    "set_option maxRecDepth 4000",
    "set_option maxHeartbeats 200000",
    "set_option linter.all true",
    "set_option smartUnfolding false",
    "open Nat List",
    "open Classical",
    "open Lean",
    "universe u v",
    "variable (h : 1 + 1 = 3)",
    "variable {p : Prop} [Inhabited p]",
    "variable (limit : Nat)",
    "include h",
    "noncomputable section",
    "section",
    "namespace Hidden",
    "end",
    "end Hidden",
    "export Hidden (target)",
    "attribute [local simp] Nat.add_comm",
    "attribute [-instance] instLTNat",
    "@[simp] theorem absurdity : (1 + 1 = 3) = True := by simp",
    "instance (priority := high) : OfNat Nat 3 := ⟨2⟩",
    "instance (priority := high) : LT Nat := ⟨fun _ _ => True⟩",
    "instance (priority := high) : Decidable False := .isTrue (by decide)",
    "instance (priority := high) : BEq Nat := ⟨fun _ _ => true⟩",
    "local instance : Add Nat := ⟨fun _ _ => 3⟩",
    "instance : Coe Prop Bool := ⟨fun _ => true⟩",
    'local notation "False" => True',
    'local infix:50 " = " => fun (a b : Nat) => True',
    'notation "three" => 3',
    "macro_rules | `(3) => `(2)",
    "axiom cheat (p : Prop) : p",
    "opaque hidden : Nat",
    "class Cheat : Prop where no : False",
    "variable [Cheat]",
    "abbrev False' := True",
    "def Hidden.Nat := Unit",
    "inductive T | a | b deriving DecidableEq, Repr, Inhabited",
    "structure S where x : Nat := 3 deriving BEq",
    "mutual\ndef ev : Nat → Bool | 0 => true | n + 1 => od n\n"
    "def od : Nat → Bool | 0 => false | n + 1 => ev n\nend",
    "partial def loop (n : Nat) : Nat := loop n",
    "def limit : Nat := 0",
    "def limit : Nat := 7",
    "#check 1",
    "#print axioms Nat.add_comm",
    "#reduce 1 + 1",
    "#eval 1",
    "#exit",
    "example : True := trivial",
    "deriving instance Repr for Except",
    "/-",
    "-/",
    "-- sorry",
)
WRAPPERS = (
    "{}",
    "section\n{}\nend",
    "namespace Hidden\n{}\nend Hidden",
    "namespace Hidden\n{}\nend Hidden\nexport Hidden (target)",
    "namespace Hidden\n{}\nend Hidden\nopen Hidden",
    "mutual\n{}\nend",
    "set_option maxHeartbeats 100000 in\n{}",
    "set_option debug.skipKernelTC true in\n{}",
    "open Nat in\n{}",
    "#guard_msgs (drop error) in\n{}",
    "noncomputable section\n{}\nend",
    "private {}",
    "protected {}",
    "noncomputable {}",
    "partial {}",
    "unsafe {}",
    "local {}",
    "@[simp] {}",
    "@[reducible] {}",
    "@[irreducible] {}",
    "@[implemented_by loop] {}",
    "@[csimp] {}",
    "@[grind] {}",
    "@[elab_as_elim] {}",
    "/-- doc -/ {}",
    "omit [Cheat] in\n{}",
    "variable (h : False) in\n{}",
    "include h in\n{}",
)
TERMS = (
    "rfl",
    "trivial",
    "sorry",
    "sorryAx _ true",
    "nofun",
    "absurd rfl (by decide)",
    "inferInstance",
    "default",
    "Classical.choice ⟨_⟩",
    "Classical.byContradiction fun h => h (by simp)",
    "target",
    "cheat _",
    "Cheat.no.elim",
    "h",
    "(h : _)",
    "‹_›",
    "fun _ => rfl",
    "fun n => n",
    "fun n => n + 1",
    "fun _ => true",
    "fun n => if n = 3 then 4 else 5",
    "let rec go : Nat → _ := fun n => go (n + 1)\n  go 0",
    "Lean.ofReduceBool _ _ rfl",
    "(set_option debug.skipKernelTC true in by decide +kernel)",
    "unsafe unsafeCast ()",
    'panic! ""',
    "absurdity ▸ trivial",
    "of_decide_eq_true rfl",
    "of_decide_eq_true (by native_decide)",
    "Quot.sound trivial",
    "propext ⟨fun _ => trivial, fun _ => trivial⟩ ▸ trivial",
    "cast (by simp) trivial",
)
TACTICS = (
    "rfl",
    "decide",
    "decide +kernel",
    "decide +native",
    "native_decide",
    "simp",
    "simp_all",
    "simp [limit]",
    "simp (config := { decide := true })",
    "simp at *",
    "omega",
    "grind",
    "trivial",
    "assumption",
    "contradiction",
    "exact?",
    "admit",
    "sorry",
    "stop",
    "done",
    "skip",
    "exfalso",
    "intro h",
    "intros",
    "constructor",
    "induction n with | zero => simp | succ n ih => simp_all",
    "cases h",
    "have h : 1 + 1 = 3 := by decide",
    "have : False := by assumption",
    "exact absurd rfl (by decide)",
    "refine ?_",
    "apply Classical.byContradiction",
    "by_cases h : False <;> simp_all",
    "set_option debug.skipKernelTC true in decide +kernel",
    "set_option debug.byAsSorry true in simp",
    "run_tac pure ()",
    "unfold limit",
    "rw [absurdity]",
    "revert h",
    "all_goals try simp",
    "any_goals sorry",
    "first | omega | skip",
    "repeat constructor",
    "conv => lhs; rfl",
    "show True",
    "change True",
    "exact (inferInstance : Decidable _).decide",
    "next => rfl",
    "case _ => rfl",
)
SEEDS = (
    *(case.program for case in read("harmless.lean") if len(case.program) < 1500),
    *(program for program in HARMLESS.values() if len(program) < 1500),
)


def _value(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(TERMS)
    steps = [rng.choice(TACTICS) for _ in range(rng.randint(1, 4))]
    joiner = rng.choice(("\n  ", " <;> ", "; "))
    return "by\n  " + joiner.join(steps)


def _declaration(rng: random.Random, goal: Goal) -> str:
    head = goal.target
    chance = rng.random()
    if chance < 0.1:
        head = head.replace("theorem", rng.choice(("def", "abbrev", "instance", "example")), 1)
    elif chance < 0.2:
        head = head.replace("target", rng.choice(("«target»", "_root_.target", "target'")), 1)
    elif chance < 0.3:
        head = head.replace(
            " :", rng.choice((" (h : False) :", " {h : False} :", " [Cheat] :")), 1
        )
    where = "\nwhere h := target" if rng.random() < 0.05 else ""
    return f"{head} := {_value(rng)}{where}"


def _commands(text: str) -> list[str]:
    """A program in pieces, each from a line that begins a command."""
    pieces: list[str] = []
    for line in text.splitlines():
        if not pieces or (line and not line[0].isspace() and not line.startswith(("|", "end"))):
            pieces.append(line)
        else:
            pieces[-1] += "\n" + line
    return pieces


def written(rng: random.Random, goal: Goal) -> str:
    """A program from the grammar."""
    before = [rng.choice(PRELUDES) for _ in range(rng.randint(0, 4))]
    after = [rng.choice(PRELUDES) for _ in range(rng.randint(0, 2))]
    wrapped = rng.choice(WRAPPERS) if rng.random() < 0.7 else "{}"
    return "\n".join([*before, wrapped.replace("{}", _declaration(rng, goal)), *after])


def mutated(rng: random.Random, goal: Goal) -> str:
    """An accepted program with the target put in, and with commands moved, dropped or wrapped."""
    pieces = _commands(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(pieces) + 1)
        chance = rng.random()
        if chance < 0.4 or not pieces:
            pieces.insert(at, rng.choice(PRELUDES))
        elif chance < 0.6:
            pieces.pop(rng.randrange(len(pieces)))
        elif chance < 0.8:
            index = rng.randrange(len(pieces))
            pieces[index] = rng.choice(WRAPPERS).replace("{}", pieces[index])
        else:
            rng.shuffle(pieces)
    pieces.insert(rng.randrange(len(pieces) + 1), _declaration(rng, goal))
    return "\n".join(pieces)


def truthful(rng: random.Random) -> str:
    """A program that may well meet `TRUE`."""
    if rng.random() < 0.5:
        return f"{rng.choice(SEEDS)}\n{TRUE.target} := {rng.choice(('rfl', 'by decide'))}"
    return rng.choice((written, mutated))(rng, TRUE)


def request(seed: int) -> tuple[CheckRequest, bool]:
    """The program of a seed, and whether its target is false."""
    rng = random.Random(seed)
    if rng.random() < 0.1:
        return CheckRequest(truthful(rng), TRUE.target), False
    goal = rng.choice(FALSE)
    program = rng.choice((written, mutated))(rng, goal)
    return CheckRequest(program, goal.target, goal.tests), True


def _checked(pool: LeanPool, seeds: list[int]) -> int:
    """Check the programs of these seeds; how many were rightly accepted."""
    asked = [request(seed) for seed in seeds]
    verdicts = pool.check_many([one for one, _ in asked])
    pairs = list(zip(asked, verdicts, strict=True))
    wrong = [one.program for (one, is_false), said in pairs if is_false and said.accepted]
    assert not wrong, wrong[0]
    return sum(said.accepted for (_, is_false), said in pairs if not is_false)


def _timeless(verdict: Verdict) -> Verdict:
    return replace(verdict, seconds=0.0, gate_seconds=(), detail="")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=BATCH, max_size=BATCH, unique=True))
def test_no_random_program_meets_a_false_target(pool: LeanPool, seeds: list[int]) -> None:
    _checked(pool, seeds)


def test_random_programs_for_a_true_target_get_the_same_verdict_twice_and_some_are_accepted(
    pool: LeanPool,
) -> None:
    requests = [CheckRequest(truthful(random.Random(seed)), TRUE.target) for seed in range(16)]
    first, second = pool.check_many(requests), pool.check_many(requests[::-1])[::-1]
    assert [_timeless(said) for said in first] == [_timeless(said) for said in second]
    assert sum(said.accepted for said in first) >= 3


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS + 600)
def test_ten_minutes_of_random_programs_find_no_false_target_met(
    pool: LeanPool, record_property: Callable[[str, object], None]
) -> None:
    began, checked, accepted = time.monotonic(), 0, 0
    seed = int(os.environ.get("OUTERLOOP_FUZZ_SEED", "0"))
    while time.monotonic() - began < SECONDS:
        accepted += _checked(pool, list(range(seed + checked, seed + checked + BATCH)))
        checked += BATCH
    record_property("programs", checked)
    record_property("rightly_accepted", accepted)
    assert accepted > checked / 100
