"""How well definitions are told right from wrong, on Verina's basic problems.

    python benchmarks/verina.py [--data FILE] [--workers 1] [--mutants 8] [--inputs 12]

Four questions: do the references that this Lean takes pass their tests; does anything pass that
must fail; how many tests can this Lean not decide, and why; and of faults put into the references,
how many get past the tests that come with a problem, and how many past hidden inputs whose values
Python says. A hidden test that the reference itself does not pass is none, and is counted: there
the input breaks the problem's precondition, or Python and the reference differ.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluators.behaviour import BehaviourSettings, hidden_tests, observe
from evaluators.mutants import Mutant, mutants
from evaluators.statistics import score_from_passes
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome, Verdict

DATA = Path(__file__).parents[2] / "shared" / "data"
PROBLEMS, PAIRS = "eng2lean_verina_basic.jsonl", "python2lean_pairs.jsonl"

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

PROOFS = (
    "rfl",
    "(first | omega | simp [Reference.{name}, Mutant.{name}] | grind [Reference.{name}, "
    "Mutant.{name}])",
    "(unfold Reference.{name} Mutant.{name}; first | omega | grind | (simp <;> omega) | "
    "(split <;> simp_all <;> omega))",
)
"""How it is tried to prove that a mutant computes what the reference does."""


@dataclass
class Item:
    """One Verina problem on the way through the benchmark."""

    row: dict[str, object]
    python: str
    hidden: tuple[str, ...] = ()
    verdict: Verdict | None = None

    @property
    def name(self) -> str:
        """The name of the definition asked for."""
        return str(self.row["name"])

    @property
    def signature(self) -> str:
        """The header asked for."""
        return str(self.row["signature"])

    @property
    def reference(self) -> str:
        """The reference, repaired for this Lean where the data says how."""
        check = self.row["core_check_code"]
        assert isinstance(check, dict)
        return str(check.get("patched_code") or self.row["lean"])

    @property
    def imports(self) -> str:
        """Import lines that the reference needs and does not have."""
        wanted = self.row["lean_imports"]
        assert isinstance(wanted, list)
        lines = [line for line in wanted if "Mathlib" not in line and line not in self.reference]
        return "".join(f"{line}\n" for line in lines)

    @property
    def target(self) -> str:
        """The header, with the types of the reference's own that it needs."""
        before = self.reference.partition(self.signature)[0]
        own_types = re.search(r"^(structure|inductive|abbrev)\b", before, re.MULTILINE)
        return f"{before}{self.signature}" if own_types else self.signature

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of propositions of the row."""
        values = self.row[key]
        assert isinstance(values, list)
        return tuple(values)

    @property
    def types(self) -> list[str]:
        """The types of the parameters."""
        params = self.row["params"]
        assert isinstance(params, list)
        return [param["param_type"] for param in params]

    def request(self, tests: Sequence[str], lean: str | None = None) -> CheckRequest:
        """The reference, or a mutant of it, with these tests."""
        program = self.imports + (self.reference if lean is None else lean)
        return CheckRequest(program, target=self.target, tests=tuple(tests))


@dataclass
class Fate:
    """One mutant and how far it got."""

    item: Item
    mutant: Mutant
    given: Verdict
    hidden: Verdict | None = None
    equal: bool = field(default=False)
    """Whether Lean proved that it computes what the reference does."""


def load(data: Path) -> list[Item]:
    """The problems with their Python, None of them where the data is not here."""
    pairs = _rows(data / PAIRS)
    python = {str(row["id"]).removeprefix("pair_"): str(row["python"]) for row in pairs}
    return [Item(row, python.get(str(row["id"]), "")) for row in _rows(data / PROBLEMS)]


def _rows(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def judge_references(items: Sequence[Item], pool: LeanPool) -> list[Item]:
    """Print what the references do; those that this Lean takes."""
    verdicts = pool.check_many([item.request(item.texts("lean_tests")) for item in items])
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
    verdicts = pool.check_many(
        [item.request(item.texts("lean_tests_must_fail")) for item in items]
    )
    counts = Counter(test for verdict in verdicts for test in verdict.tests)
    print(f"propositions that must fail: {_counts(counts)} (passed must be 0)")


def draw_hidden(items: Sequence[Item], pool: LeanPool, *, inputs: int, seed: int) -> None:
    """Draw hidden inputs, ask Python for the values, keep what the reference passes."""
    started, left_out = time.monotonic(), Counter[str]()
    candidates: list[tuple[Item, tuple[str, ...]]] = []
    for item in items:
        settings = BehaviourSettings(inputs=inputs)
        seen = observe(item.python, item.name, seed=seed, lean_types=item.types, settings=settings)
        types = [*item.types, str(item.row["return_type"])]
        made = hidden_tests(item.name, seen.calls, types)
        left_out.update(seen.left_out)
        left_out.update({f"no literal: {why}": n for why, n in made.left_out.items()})
        if seen.shapes_from == "nothing":
            left_out["no literal for a parameter's type"] += inputs
        candidates.append((item, made.tests))
    seconds = time.monotonic() - started
    print(f"hidden inputs: {inputs} each, drawn and run in {seconds:.1f} s; left out: {left_out}")
    verdicts = pool.check_many([item.request(tests) for item, tests in candidates])
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
    verdicts = pool.check_many(
        [item.request(item.texts("lean_tests"), mutant.lean) for item, mutant in chosen]
    )
    fates = [Fate(*pair, verdict) for pair, verdict in zip(chosen, verdicts, strict=True)]
    compiled = [fate for fate in fates if fate.given.compiles or _ran_out(fate.given)]
    slow = sum(_ran_out(fate.given) for fate in compiled)
    print(f"mutants: {len(fates)} made, {len(compiled)} compile, {slow} past the deadline")
    past = [fate for fate in compiled if fate.given.accepted]
    hidden = pool.check_many([one.item.request(one.item.hidden, one.mutant.lean) for one in past])
    for fate, verdict in zip(past, hidden, strict=True):
        fate.hidden = verdict
    left = [fate for fate in past if fate.hidden and fate.hidden.accepted]
    _prove_equal(left, pool)
    for name, passed in (("tests that come with it", past), ("with hidden inputs too", left)):
        _print_rate(name, compiled, passed, equal=[fate for fate in left if fate.equal])
    for fate in left:
        mark = "equal" if fate.equal else "PAST "
        print(f"  {mark} {fate.item.row['id']} {fate.mutant}")
    kinds = Counter(fate.mutant.fault for fate in compiled)
    print(f"  compiled by kind: {dict(kinds)}")


def _print_rate(
    name: str, compiled: Sequence[Fate], passed: Sequence[Fate], *, equal: Sequence[Fate]
) -> None:
    decided = [one for one in compiled if one.given.accepted or one.given.reason == "test_failed"]
    others = [fate for fate in decided if not any(fate is one for one in equal)]
    flags = [any(fate is one for one in passed) for fate in others]
    print(
        f"  past the {name}: {sum(flags)} of {len(flags)} decided and not proven equal: "
        f"{score_from_passes(flags) if flags else 'none'}; {len(compiled) - len(decided)} not "
        f"decided, {len(equal)} proven equal"
    )


def _prove_equal(fates: Sequence[Fate], pool: LeanPool) -> None:
    requests = [_sameness(fate, proof) for fate in fates for proof in PROOFS]
    verdicts = pool.check_many(requests)
    for place, fate in enumerate(fates):
        tried = verdicts[place * len(PROOFS) : (place + 1) * len(PROOFS)]
        fate.equal = any(verdict.accepted for verdict in tried)


def _sameness(fate: Fate, proof: str) -> CheckRequest:
    """Reference and mutant in namespaces of their own, and the theorem that they agree."""
    params = fate.item.row["params"]
    assert isinstance(params, list)
    binders = " ".join(f"({one['param_name']} : {one['param_type']})" for one in params)
    names = " ".join(str(one["param_name"]) for one in params)
    name = fate.item.name
    header = f"theorem same {binders} : Reference.{name} {names} = Mutant.{name} {names}"
    texts = [re.sub(r"^import .*\n", "", text, flags=re.MULTILINE) for text in (
        fate.item.reference, fate.mutant.lean)]  # fmt: skip
    program = (
        f"{fate.item.imports}namespace Reference\n{texts[0]}\nend Reference\n\n"
        f"namespace Mutant\n{texts[1]}\nend Mutant\n\n"
        f"{header} := by {proof.format(name=name)}\n"
    )
    return CheckRequest(program)


def _spread(item: Item, each: int) -> list[Mutant]:
    """Up to so many mutants, from the whole text and of every kind."""
    every = list(mutants(item.reference, keep=item.signature))
    by_kind = sorted(every, key=lambda mutant: mutant.fault)
    step = max(1.0, len(by_kind) / each)
    return [by_kind[int(at * step)] for at in range(min(each, len(by_kind)))]


def _ran_out(verdict: Verdict) -> bool:
    """Whether it ran past its deadline, which decides nothing."""
    return verdict.reason == "deadline"


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
    parser.add_argument("--mutants", type=int, default=8, help="at most so many a reference")
    parser.add_argument("--inputs", type=int, default=12, help="hidden inputs a reference")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=20.0)
    parser.add_argument("--cache", type=Path, default=None, help="keeps verdicts between runs")
    options = parser.parse_args()
    if not (options.data / PROBLEMS).exists():
        print(f"skipped: {options.data / PROBLEMS} is not here; give --data FOLDER")
        return 0
    items = load(options.data)
    with LeanPool(options.workers, options.timeout, cache=options.cache) as pool:
        taken = judge_references(items, pool)
        print(f"Lean {pool.lean_version}")
        judge_must_fail(taken, pool)
        draw_hidden(taken, pool, inputs=options.inputs, seed=options.seed)
        judge_mutants(taken, pool, each=options.mutants)
    return 0


if __name__ == "__main__":
    sys.exit(main())
