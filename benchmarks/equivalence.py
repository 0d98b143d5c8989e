"""How often beq_core is right, by kind of rewrite and of mutation.

    python -m benchmarks.equivalence [--statements ../shared/data/eng2lean_minif2f_core.jsonl]
        [--functions 18] [--per-kind 9] [--workers 1] [--out pairs.jsonl] [--first 0]
        [--cache verdicts.sqlite]

A rewrite keeps the meaning by how it is made. A mutation counts as one only where the kernel (for
miniF2F's statements, which are theorems) or Python (for the
embedded world's functions) evaluated a counterexample; others are left out. Two different theorems
of miniF2F are a third kind: both are true, so nothing but the metric's own care keeps them apart.
With a cache, a run that was stopped goes on where it was; its seconds are those of the first time.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.equivalence_mutations import mutations
from benchmarks.equivalence_pairs import REWRITES, Pair, combined
from benchmarks.equivalence_world import world_pairs
from evaluators.equivalence import counterexample
from evaluators.equivalence.beq_core import BEQ_CORE, BeqCore, Comparison, Equivalence
from evaluators.equivalence.statement import Statement
from evaluators.statistics.intervals import score_from_passes
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import TestOutcome

_LABEL_INSTANCES = 500
_NO_THEOREMS = frozenset({"minif2f_aime_1994_p3"})
"""Statements that are false as they are written (its `x` is one number where all are meant): a
mutation that is false too would say the same."""
_DEADLINE_SECONDS = 60
"""Of one program: heartbeats bound all but the kernel's own work."""
_CHUNK = 20
"""Pairs judged between two lines that say how far it is."""
_STATEMENTS = Path(__file__).parents[2] / "shared/data/eng2lean_minif2f_core.jsonl"


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and what four metrics say of it."""

    pair: Pair
    beq_core: Comparison
    typechecks: bool
    same_text: bool
    definitional: bool
    """`P = Q` by `rfl`."""


def statement_rewrites(
    statements: dict[str, Statement], rng: random.Random, *, per_kind: int
) -> Iterator[Pair]:
    """At most `per_kind` rewrites of each kind, and three times as many of several at once."""
    for kind, rewrite in REWRITES.items():
        found = [
            Pair(kind, statement.proposition, text, True, source)
            for source, statement in statements.items()
            if (text := rewrite(statement)) is not None
        ]
        yield from rng.sample(found, min(per_kind, len(found)))
    several = []
    for source, statement in statements.items():
        text = combined(statement, rng.sample(list(REWRITES), 6))
        if text is not None:
            several.append(Pair("several at once", statement.proposition, text, True, source))
    yield from rng.sample(several, min(3 * per_kind, len(several)))


def other_theorems(
    statements: dict[str, Statement], rng: random.Random, *, count: int
) -> Iterator[Pair]:
    """Pairs of different theorems, half of them without variables."""
    closed = [source for source, statement in statements.items() if not statement.binders]
    for sources in (closed, list(statements)):
        every = list(itertools.combinations(sources, 2))
        for one, two in rng.sample(every, min(count // 2, len(every))):
            first, second = statements[one].proposition, statements[two].proposition
            yield Pair("another theorem", first, second, False, f"{one} {two}")


def statement_mutations(
    statements: dict[str, Statement], sandbox: Sandbox, rng: random.Random, *, per_kind: int
) -> Iterator[Pair]:
    """Mutations that the kernel found false somewhere; the statements themselves are theorems."""
    by_kind: dict[str, list[tuple[str, Statement, Statement]]] = defaultdict(list)
    for source, statement in _true(statements, sandbox).items():
        for kind, text in mutations(statement):
            by_kind[kind].append((source, statement, Statement.parse(text)))
    candidates = [
        (kind, *candidate)
        for kind, found in by_kind.items()
        for candidate in rng.sample(found, min(3 * per_kind, len(found)))
    ]
    boxes = [
        counterexample.box(mutant, statement, instances=_LABEL_INSTANCES)
        for _, _, statement, mutant in candidates
    ]
    verdicts = sandbox.check_many(
        [counterexample.tests([box] if box else [], "") for box in boxes]
    )
    kept: dict[str, int] = defaultdict(int)
    for (kind, source, statement, mutant), verdict in zip(candidates, verdicts, strict=True):
        if TestOutcome.FAILED in verdict.tests and kept[kind] < per_kind:
            kept[kind] += 1
            yield Pair(kind, statement.proposition, mutant.proposition, False, source)


def _true(statements: dict[str, Statement], sandbox: Sandbox) -> dict[str, Statement]:
    """Those that are not known to be false, and that no small instance shows to be."""
    boxes = {
        source: counterexample.box(statement, statement, instances=_LABEL_INSTANCES)
        for source, statement in statements.items()
        if source not in _NO_THEOREMS
    }
    verdicts = sandbox.check_many(
        [counterexample.tests([box] if box else [], "") for box in boxes.values()]
    )
    false = {
        source
        for source, verdict in zip(boxes, verdicts, strict=True)
        if TestOutcome.FAILED in verdict.tests
    }
    if false:
        print(f"no theorems, not mutated: {', '.join(sorted(false))}")
    return {source: statements[source] for source in boxes if source not in false}


def judged(pairs: Sequence[Pair], sandbox: Sandbox) -> Iterator[Judged]:
    """What beq_core and the simple metrics say, in chunks, so that a killed run has shown some."""
    metric = BeqCore(sandbox)
    for start in range(0, len(pairs), _CHUNK):
        print(f"    {start} of {len(pairs)}", file=sys.stderr, flush=True)
        chunk = pairs[start : start + _CHUNK]
        comparisons = metric.compare_many(
            [(pair.first, pair.second) for pair in chunk],
            definitions=[pair.definitions for pair in chunk],
        )
        by_rfl = sandbox.check_many([_by_rfl(pair) for pair in chunk])
        for pair, comparison, rfl in zip(chunk, comparisons, by_rfl, strict=True):
            yield Judged(
                pair=pair,
                beq_core=comparison,
                typechecks=comparison.outcome is not Equivalence.INVALID,
                same_text=" ".join(pair.first.split()) == " ".join(pair.second.split()),
                definitional=rfl.accepted,
            )


def _by_rfl(pair: Pair) -> CheckRequest:
    head = f"{pair.definitions}\n\n" if pair.definitions else ""
    first, second = (Statement.parse(text).proposition for text in (pair.first, pair.second))
    return CheckRequest(f"{head}theorem same : ({first}) = ({second}) := by rfl")


def print_kinds(found: Sequence[Judged], *, same: bool) -> None:
    """One line a kind: how often beq_core says which, and the seconds it takes."""
    outcomes = list(Equivalence)
    print(
        f"| {'rewrite' if same else 'mutation'} | n | "
        + " | ".join(outcomes)
        + " | s median | s most |"
    )
    print("| --- |" + " --- |" * (len(outcomes) + 3))
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for one in found:
        if one.pair.same is same:
            kinds[one.pair.kind].append(one)
            kinds["all"].append(one)
    for kind, members in sorted(kinds.items(), key=lambda item: (item[0] == "all", item[0])):
        seconds = sorted(one.beq_core.seconds for one in members)
        counts = [sum(one.beq_core.outcome is outcome for one in members) for outcome in outcomes]
        print(
            f"| {kind} | {len(members)} | {' | '.join(str(c or '') for c in counts)} "
            f"| {seconds[len(seconds) // 2]:.1f} | {seconds[-1]:.1f} |"
        )


def print_metrics(found: Sequence[Judged]) -> None:
    """Precision and recall of beq_core and of simpler metrics, with Wilson intervals."""
    metrics: dict[str, Callable[[Judged], bool]] = {
        BEQ_CORE: lambda one: one.beq_core.equivalent is True,
        "same expression": lambda one: one.beq_core.forward == "identity",
        "definitional equality (rfl)": lambda one: one.definitional,
        "same text": lambda one: one.same_text,
        "both typecheck": lambda one: one.typechecks,
    }
    print("| metric | precision | recall |\n| --- | --- | --- |")
    for name, says in metrics.items():
        positive = [one.pair.same for one in found if says(one)]
        same = [says(one) for one in found if one.pair.same]
        precision = _rate(positive, "nothing called equivalent")
        print(f"| {name} | {precision} | {_rate(same, 'no pair is')} |")
    differ = [one.beq_core.equivalent is False for one in found if not one.pair.same]
    wrongly = sum(one.beq_core.equivalent is False for one in found if one.pair.same)
    print(f"\nrefuted of those that differ: {_rate(differ, 'no pair does')}")
    print(f"refuted of those that say the same: {wrongly}")
    for one in found:
        if one.beq_core.equivalent is not None and one.beq_core.equivalent is not one.pair.same:
            print(f"WRONG {json.dumps(_row(one), ensure_ascii=False)}")


def _rate(passes: Sequence[bool], where_none: str) -> str:
    return str(score_from_passes(passes)) if passes else where_none


def labelled(arguments: argparse.Namespace, sandbox: Sandbox) -> list[Pair]:
    """The labelled set, shuffled; without the statements' file, the embedded world's part."""
    rng = random.Random(arguments.seed)
    pairs: list[Pair] = []
    if arguments.statements.exists():
        rows = map(json.loads, arguments.statements.read_text("utf-8").splitlines())
        statements = {row["id"]: Statement.parse(row["lean"]) for row in rows}
        pairs += statement_rewrites(statements, rng, per_kind=arguments.per_kind)
        pairs += other_theorems(statements, rng, count=3 * arguments.per_kind)
        pairs += statement_mutations(statements, sandbox, rng, per_kind=arguments.per_kind)
    else:
        print(f"{arguments.statements} is absent: the embedded world's statements only")
    pairs += world_pairs(rng, functions=arguments.functions)
    rng.shuffle(pairs)
    return pairs[: arguments.first] if arguments.first else pairs


def _row(one: Judged) -> dict[str, object]:
    return {
        **dataclasses.asdict(one.pair),
        "outcome": one.beq_core.outcome,
        "forward": one.beq_core.forward,
        "backward": one.beq_core.backward,
        "detail": one.beq_core.detail,
        "seconds": round(one.beq_core.seconds, 3),
        "definitional": one.definitional,
    }


def main() -> None:
    """Make the pairs, judge them and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=Path, default=_STATEMENTS)
    parser.add_argument("--functions", type=int, default=18)
    parser.add_argument("--per-kind", type=int, default=9)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="only so many pairs; 0 takes all")
    parser.add_argument("--out", type=Path, default=None, help="written anew, a pair a line")
    parser.add_argument("--cache", type=Path, default=None, help="keeps verdicts between runs")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    if arguments.out is not None:
        arguments.out.write_text("", encoding="utf-8")
    workers, cache = arguments.workers, arguments.cache
    with LeanPool(workers, timeout_seconds=_DEADLINE_SECONDS, cache=cache) as pool:
        begun = time.monotonic()
        pairs = labelled(arguments, pool)
        print(f"{len(pairs)} pairs made in {time.monotonic() - begun:.0f} s")
        begun = time.monotonic()
        found = []
        for one in judged(pairs, pool):
            found.append(one)
            if arguments.out is not None:
                with arguments.out.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(_row(one), ensure_ascii=False) + "\n")
        print(f"judged in {time.monotonic() - begun:.0f} s by {pool.lean_version}\n")
    for same in (True, False):
        print_kinds(found, same=same)
        print()
    print_metrics(found)


if __name__ == "__main__":
    main()
