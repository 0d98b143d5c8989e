"""How well definitions are told right from wrong, on Verina's basic problems.

    python -m benchmarks.verina [--data FILE] [--workers 1] [--mutants 7] [--inputs 150]
        [--first 0] [--cache verdicts.sqlite]

Four questions: do the references that this Lean takes pass their tests; does anything pass that
must fail; how many tests can this Lean not decide, and why; and of faults put into the references,
how many get past the tests that come with a problem, and how many past hidden inputs whose values
Python says. A mutant that computes what the reference does is no fault: Lean proves that of some,
`verina_equal.py` gives a reason for others, and both are listed. A hidden test that the reference
itself does not pass is none, and is counted: there the input breaks the problem's precondition, or
Python and the reference differ. With a cache, a
run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verina_equal import ARGUED
from benchmarks.verina_problems import PROBLEMS, Item, load
from evaluators.behaviour.calls import BehaviourSettings, hidden_tests, observe
from evaluators.behaviour.mutants import Mutant, mutants
from evaluators.equivalence.statement import defined_names
from evaluators.statistics.intervals import score_from_passes
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict

DATA = Path(__file__).parents[2] / "shared" / "data"

CAUSES = (
    ("Float is opaque to the kernel", r"\bFloat\b"),
    ("Std.HashSet or HashMap", r"\bHash(Set|Map)\b"),
    ("List.mergeSort", r"\bmergeSort\b"),
    ("Array.set!, setIfInBounds, eraseIdx!", r"\bset!|\bsetIfInBounds\b|eraseIdx!"),
    ("for, while or repeat", r"\b(for|while|repeat)\b"),
    ("toString of a number, String functions", r"toString|String\.|\.split|\.toNat"),
    ("recursion that is not structural", r"\blet rec\b|\bdef\b.*\bdef\b|termination_by"),
)
"""What a program uses that this Lean cannot evaluate; the first that is found."""

CHUNK = 50
"""Programs judged between two lines that say how far it is."""

PROOFS = (
    "rfl",
    "(first | omega | simp [Reference.{name}, Mutant.{name}] | grind [Reference.{name}, "
    "Mutant.{name}])",
    "(unfold Reference.{name} Mutant.{name}; first | omega | grind | (simp <;> omega) | "
    "(split <;> simp_all <;> omega))",
    "(simp only [Reference.{name}, Mutant.{name}]; congr 1; "
    "first | omega | grind | (split <;> simp_all <;> omega))",
    "(simp [Reference.{name}, Mutant.{name}{helpers}] <;> (try split) <;> simp_all <;> omega)",
)
"""How it is tried to prove that a mutant computes what the reference does."""


@dataclass
class Fate:
    """One mutant and how far it got."""

    item: Item
    mutant: Mutant
    given: Verdict
    """On the tests that come with the problem."""
    hidden: Verdict | None = None
    """On the hidden inputs; asked of those that the other tests do not tell."""
    equal: bool = False
    """Whether Lean proved that it computes what the reference does, where that has a value."""

    @property
    def line(self) -> str:
        """The line that differs from the reference's, as it reads in the mutant."""
        pairs = zip(self.item.reference.split("\n"), self.mutant.lean.split("\n"), strict=False)
        return next((mine.strip() for theirs, mine in pairs if mine != theirs), "")

    @property
    def argued(self) -> str:
        """Why it computes what the reference does, where somebody looked; else empty."""
        number = int(str(self.item.row["id"]).rpartition("_")[2])
        return ARGUED.get((number, self.line), "")

    @property
    def past_given(self) -> bool | None:
        """Whether it passes the tests that come with the problem; None where nobody knows."""
        return _passes(self.given)

    @property
    def past_all(self) -> bool | None:
        """Whether it passes the hidden inputs too; None where nobody knows."""
        return self.past_given if self.hidden is None else _passes(self.hidden)


def judge_references(items: Sequence[Item], pool: LeanPool) -> list[Item]:
    """Print what the references do; those that this Lean takes."""
    verdicts = _checked([item.request(item.texts("lean_tests")) for item in items], pool)
    slow = [item for item, verdict in zip(items, verdicts, strict=True) if _ran_out(verdict)]
    alone = dict(
        zip(map(id, slow), pool.check_many([item.request(()) for item in slow]), strict=True)
    )
    for item, verdict in zip(items, verdicts, strict=True):
        item.verdict = verdict
        if id(item) in alone and alone[id(item)].accepted:
            tests = (TestOutcome.UNDECIDED,) * len(item.texts("lean_tests"))
            item.verdict = dataclasses.replace(verdict, reason="test_undecided", tests=tests)
            print(f"  tests run past the deadline: {item.row['id']}")
        elif not verdict.compiles:
            print(f"  not taken: {item.row['id']} {verdict.reason}: {verdict.detail[:90]}")
    taken = [item for item in items if item.verdict and item.verdict.compiles]
    print(f"references taken by this Lean: {len(taken)} of {len(items)}")
    decided = [item for item in taken if _decided(item.verdict)]
    passes = [TestOutcome.FAILED not in _tests(item.verdict) for item in decided]
    print(f"  pass all of their decided tests: {score_from_passes(passes)}")
    counts = Counter(test for item in taken for test in _tests(item.verdict))
    print(f"  tests: {_counts(counts)}")
    _print_causes([item for item in taken if TestOutcome.UNDECIDED in _tests(item.verdict)])
    return taken


def judge_must_fail(items: Sequence[Item], pool: LeanPool) -> None:
    """Print whether anything passes that must fail."""
    verdicts = _checked([item.request(item.texts("lean_tests_must_fail")) for item in items], pool)
    counts = Counter(test for verdict in verdicts for test in verdict.tests)
    print(f"propositions that must fail: {_counts(counts)} (passed must be 0)")


def draw_hidden(items: Sequence[Item], pool: LeanPool, *, inputs: int, seed: int) -> None:
    """Draw hidden inputs, ask Python for the values, keep what the reference passes."""
    started, left_out = time.monotonic(), Counter[str]()
    candidates: list[tuple[Item, tuple[str, ...]]] = []
    for item in items:
        settings = BehaviourSettings(inputs=inputs)
        types = [kind for _, kind in item.parameters]
        seen = observe(
            item.python,
            item.name,
            seed=seed,
            known=item.known,
            lean_types=types,
            settings=settings,
        )
        types.append(str(item.row["return_type"]))
        made = hidden_tests(item.name, seen.calls, types)
        left_out.update(seen.left_out)
        left_out.update({f"no literal: {why}": n for why, n in made.left_out.items()})
        if seen.shapes_from == "nothing":
            left_out["no literal for a parameter's type"] += inputs
        candidates.append((item, made.tests))
    seconds = time.monotonic() - started
    print(f"hidden inputs: {inputs} each, drawn and run in {seconds:.1f} s; left out: {left_out}")
    verdicts = _checked([item.request(tests) for item, tests in candidates], pool)
    counts = Counter[TestOutcome]()
    for (item, tests), verdict in zip(candidates, verdicts, strict=True):
        outcomes = dict(zip(tests, verdict.tests, strict=False))
        counts.update(outcomes.values())
        item.hidden = tuple(test for test in tests if outcomes.get(test) is TestOutcome.PASSED)
        failed = [test for test in tests if outcomes.get(test) is TestOutcome.FAILED]
        if failed:
            print(f"  {item.row['id']} differs from Python on {len(failed)}: {failed[0][:100]}")
    print(f"  the references say of them: {_counts(counts)}")


def judge_mutants(items: Sequence[Item], pool: LeanPool, *, each: int) -> None:
    """Print how many faults get past the tests."""
    chosen = [(item, mutant) for item in items for mutant in _spread(item, each)]
    verdicts = _checked(
        [item.request(item.texts("lean_tests"), mutant.lean) for item, mutant in chosen], pool
    )
    fates = [Fate(*pair, verdict) for pair, verdict in zip(chosen, verdicts, strict=True)]
    compiled = [fate for fate in fates if fate.given.compiles or _ran_out(fate.given)]
    slow = sum(_ran_out(fate.given) for fate in compiled)
    print(f"mutants: {len(fates)} made, {len(compiled)} compile, {slow} past a limit")
    asked = [one for one in compiled if one.past_given is not False and not _ran_out(one.given)]
    hidden = _checked([one.item.request(one.item.hidden, one.mutant.lean) for one in asked], pool)
    for fate, verdict in zip(asked, hidden, strict=True):
        # an unknown outcome of the given tests is none of passing them
        if fate.past_given or _passes(verdict) is False:
            fate.hidden = verdict
    left = [fate for fate in compiled if fate.past_all]
    _prove_equal(left, pool)
    differing = [fate for fate in compiled if not (fate.equal or (fate.past_all and fate.argued))]
    _print_rate("the tests that come with it", [fate.past_given for fate in differing])
    _print_rate("the hidden inputs too", [fate.past_all for fate in differing])
    proven = sum(fate.equal for fate in left)
    argued = sum(bool(fate.argued) and not fate.equal for fate in left)
    print(f"  left out of both: {proven} proven equal to the reference, {argued} argued to be")
    for fate in left:
        mark = "proven equal" if fate.equal else "equal" if fate.argued else "PAST"
        print(f"  {mark:<12} {fate.item.row['id']} ({len(fate.item.hidden)} hidden) {fate.mutant}")
        print(f"               {fate.line}" + (f"  [{fate.argued}]" if fate.argued else ""))
    kinds = Counter(fate.mutant.fault for fate in compiled)
    print(f"  compiled by kind: {dict(kinds)}")


def _print_rate(name: str, passes: Sequence[bool | None]) -> None:
    decided = [one for one in passes if one is not None]
    rate = score_from_passes(decided) if decided else "none decided"
    print(
        f"  past {name}: {sum(decided)} of {len(decided)} decided and not equal: {rate}; "
        f"{len(passes) - len(decided)} not decided"
    )


def _prove_equal(fates: Sequence[Fate], pool: LeanPool) -> None:
    requests = [
        [_sameness(fate, proof, allowed=allowed) for proof in PROOFS for allowed in (False, True)]
        for fate in fates
    ]
    verdicts = iter(_checked([request for several in requests for request in several], pool))
    for fate, several in zip(fates, requests, strict=True):
        fate.equal = sum(next(verdicts).accepted for _ in several) > 0


def _sameness(fate: Fate, proof: str, *, allowed: bool) -> CheckRequest:
    """Reference and mutant in namespaces of their own, and the theorem that they agree.

    Helpers before the fault's definition stand once, for both. With `allowed`, at the inputs that
    the problem's precondition allows.
    """
    item = fate.item
    start = item.reference.find(item.signature)
    own = start if fate.mutant.place >= start else 0
    binders = " ".join(f"({name} : {kind})" for name, kind in item.parameters)
    if allowed:
        binders += f" (allowed : (\n{item.row['lean_precond']}\n))"
    names = " ".join(name for name, _ in item.parameters)
    header = f"theorem same {binders} : Reference.{item.name} {names} = Mutant.{item.name} {names}"
    shared, *texts = [
        re.sub(r"^import .*\n", "", text, flags=re.MULTILINE)
        for text in (item.reference[:own], item.reference[own:], fate.mutant.lean[own:])
    ]
    helpers = "".join(f", {name}" for name in defined_names(shared))
    parts = (
        *item.imports,
        shared,
        f"namespace Reference\n{texts[0]}\nend Reference\n",
        f"namespace Mutant\n{texts[1]}\nend Mutant\n",
        f"open Reference in\n{header} := by {proof.format(name=item.name, helpers=helpers)}\n",
    )
    return CheckRequest("\n".join(parts))


def _spread(item: Item, each: int) -> list[Mutant]:
    """Up to so many mutants, from the whole text and of every kind."""
    if not each:
        return []
    every = list(mutants(item.reference, keep=item.signature))
    by_kind = sorted(every, key=lambda mutant: mutant.fault)
    step = max(1.0, len(by_kind) / each)
    return [by_kind[int(at * step)] for at in range(min(each, len(by_kind)))]


def _checked(requests: Sequence[CheckRequest], pool: LeanPool) -> list[Verdict]:
    """The verdicts, with a line now and then on standard error."""
    verdicts: list[Verdict] = []
    for start in range(0, len(requests), CHUNK):
        verdicts += pool.check_many(requests[start : start + CHUNK])
        print(f"    {len(verdicts)} of {len(requests)}", file=sys.stderr, flush=True)
    return verdicts


def _passes(verdict: Verdict) -> bool | None:
    """Whether every test passed; None where one was not decided and none failed."""
    if verdict.accepted:
        return True
    return False if verdict.reason == "test_failed" else None


def _ran_out(verdict: Verdict) -> bool:
    """Whether it ran past its deadline or memory, which decides nothing."""
    return verdict.outcome in {Outcome.TIMEOUT, Outcome.MEMORY}


def _tests(verdict: Verdict | None) -> tuple[TestOutcome, ...]:
    return verdict.tests if verdict else ()


def _decided(verdict: Verdict | None) -> bool:
    return any(test is not TestOutcome.UNDECIDED for test in _tests(verdict))


def _counts(counts: Counter[TestOutcome]) -> str:
    total = counts.total()
    parts = [f"{counts[one]} {one.value}" for one in TestOutcome]
    share = counts[TestOutcome.UNDECIDED] / total if total else 0.0
    return f"{', '.join(parts)} of {total} ({share:.1%} not decided)"


def _print_causes(items: Sequence[Item]) -> None:
    causes: Counter[str] = Counter()
    where: dict[str, list[str]] = {}
    for item in items:
        found = (name for name, pattern in CAUSES if re.search(pattern, item.reference, re.DOTALL))
        cause = next(found, "other")
        causes[cause] += sum(test is TestOutcome.UNDECIDED for test in _tests(item.verdict))
        where.setdefault(cause, []).append(str(item.row["id"]).removeprefix("verina_basic_"))
    for cause, count in causes.most_common():
        print(f"    not decided: {count:>3} {cause} (basic {', '.join(where[cause])})")


def main() -> int:
    """Run the four parts one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--mutants", type=int, default=7, help="at most so many a reference")
    parser.add_argument("--inputs", type=int, default=150, help="hidden inputs a reference")
    parser.add_argument("--first", type=int, default=0, help="only so many problems; 0 takes all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=20.0)
    parser.add_argument("--cache", type=Path, default=None, help="keeps verdicts between runs")
    options = parser.parse_args()
    if not (options.data / PROBLEMS).exists():
        print(f"skipped: {options.data / PROBLEMS} is not here; give --data FOLDER")
        return 0
    sys.stdout.reconfigure(line_buffering=True)
    items = load(options.data)
    items = items[: options.first] if options.first else items
    with LeanPool(options.workers, options.timeout, cache=options.cache) as pool:
        taken = judge_references(items, pool)
        print(f"Lean {pool.lean_version}")
        judge_must_fail(taken, pool)
        draw_hidden(taken, pool, inputs=options.inputs, seed=options.seed)
        judge_mutants(taken, pool, each=options.mutants)
    return 0


if __name__ == "__main__":
    sys.exit(main())
