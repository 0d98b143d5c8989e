"""What a search tells the person at the terminal, while it runs and when it is done.

A terminal shows the running trials in place; anything else gets one plain line per event. The
numbers always come with their interval and n.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from engines.errors import first_line
from engines.ledger import StageCost, spent
from evaluators.statistics.deltaone import Conclusion
from evaluators.statistics.runs import Replicate
from evaluators.statistics.selection import best_of_many
from evaluators.task import Task
from evaluators.words import counted
from search.comparisons.sealed import Arm, FinalComparison
from search.comparisons.transfer_table import transfer_lines
from search.console import Column, Console, Table, table
from search.recipes.space import Parameters
from search.report.ledger import ledger_notes, ledger_table
from search.report.ranking import proxies_table, rung_lines
from search.report.recipes import arms_table, describe, differences, recipes_told, repeats_line
from search.report.run_view import RunView, standing
from search.study.records import State, TrialRecord, kind_of
from search.trial.outcome import TrialOutcome
from search.trial.rows import meaning_of
from search.trial.rung_rules import RUNGS, RungDecision

_LEAKS_SHOWN = 5
"""Pairs of a leaking row and its problem that are named."""
_VERDICTS = {
    Conclusion.SHOWN: "improvement SHOWN",
    Conclusion.NOT_SHOWN: "improvement NOT SHOWN",
    Conclusion.WORSE: "WORSE than the baseline",
}


class Progress:
    """Follows a search in a terminal; a `search.workers.bridge.Watcher`.

    Args:
        console: where to write.
        trials: how many scores the search is after.
        past: the trials an earlier run finished.
    """

    def __init__(self, console: Console, *, trials: int, past: Sequence[TrialRecord] = ()) -> None:
        self._console = console
        self._trials = trials
        self._running: dict[int, list[str]] = {}
        self._best: TrialRecord | None = None
        self._baseline = next((one.parameters for one in past if one.number == 0), None)
        self._reasons: dict[str, int] = {}
        self._scored = 0
        self._pruned = 0
        self._board = console.board() if console.is_terminal else None
        for record in past:
            self._count(record)

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._board:
            self._board.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was, with the finished trials on it."""
        if self._board:
            self._board.stop()

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        """See `Watcher.started`."""
        self._running[number] = []
        verb = "goes on  " if adopted else "starts   "
        recipe = (
            differences(parameters, self._baseline) if self._baseline else describe(parameters)
        )
        self._say(f"trial {number:>3}  {verb} {recipe}", style="dim")
        if number == 0:
            self._baseline = parameters
        self._draw()

    def stage(self, number: int, line: StageCost) -> None:
        """See `Watcher.stage`."""
        took = "read" if line.cached else f"{line.cost.seconds:.1f} s"
        if self._board:
            self._running.setdefault(number, []).append(f"{line.stage} {took}")
            self._draw()
        else:
            self._say(f"trial {number:>3}  {line.stage:<9} {took}")

    def rung(self, number: int, decision: RungDecision) -> None:
        """See `Watcher.rung`."""
        self._say(f"trial {number:>3}  rung {decision.step}    {decision}", style="dim")

    def finished(self, record: TrialRecord) -> None:
        """See `Watcher.finished`."""
        self._running.pop(record.number, None)
        self._count(record)
        if record.state is State.PRUNED:
            self._say(f"trial {record.number:>3}  PRUNED    at {_rung_words(record)}")
        elif record.outcome is None:
            reason = first_line(record.error)
            first = self._reasons.setdefault(kind_of(reason), record.number)
            said = reason if first == record.number else f"as trial {first} did"
            self._say(f"trial {record.number:>3}  FAILED    {said}")
        else:
            ahead = "  ← best so far" if record is self._best else ""
            self._say(f"trial {record.number:>3}  score     {record.outcome.score}{ahead}")
        self._draw()

    def again(self, number: int) -> None:
        """See `Watcher.again`."""
        self._running[number] = []
        lost = "its process or its node was lost; finished stages are read"
        self._say(f"trial {number:>3}  again     {lost}")
        self._draw()

    def notice(self, number: int, text: str) -> None:
        """See `Watcher.notice`."""
        self._say(f"trial {number:>3}  notice    {text}")

    def stopped(self, number: int, reason: str) -> None:
        """See `Watcher.stopped`."""
        self._running.pop(number, None)
        self._say(f"trial {number:>3}  stopped   {reason}")
        self._draw()

    def _say(self, line: str, style: str = "") -> None:
        """One event, one line, however narrow the terminal."""
        self._console.print(line, style=style)

    def _count(self, record: TrialRecord) -> None:
        self._pruned += record.state is State.PRUNED
        if record.outcome is not None:
            self._scored += 1
            if self._best is None or _score(record) > _score(self._best):
                self._best = record

    def _draw(self) -> None:
        if self._board is None:
            return
        pruned = f", {self._pruned} pruned" if self._pruned else ""
        lines = [f"{self._scored} of {counted(self._trials, 'trial')} scored{pruned}"]
        for number, stages in sorted(self._running.items()):
            lines.append(f"trial {number:>3}  {' → '.join([*stages, '…'])}")
        self._board.show(lines)


def trials_table(records: Sequence[TrialRecord]) -> Table:
    """Every trial, the best score first, failures last."""
    names = ("trial", "score ± error", "valid", "faithful", "examples", "seconds")
    baseline, recipes = recipes_told(records)
    return table(
        [*map(Column, names), Column("recipe", "left", folds=True)],
        [(*_cells(one), recipes[one.number]) for one in sorted(records, key=_place)],
        title="Trials" if not baseline else "Trials, each by what differs from the baseline",
        caption=f"baseline (trial 0): {baseline}" if baseline else "",
    )


def best_line(records: Sequence[TrialRecord], *, seed: int) -> str:
    """The best trial's score without the luck of having been picked; empty where none scored."""
    scored = sorted((one for one in records if one.outcome), key=lambda one: one.number)
    if not scored:
        return ""
    trials = [
        Replicate.of(one.outcome.shares or one.outcome.passed) for one in scored if one.outcome
    ]
    found = best_of_many(trials, seed=seed)
    return f"best        trial {scored[found.trial].number}: {found}"


def refusal_lines(records: Sequence[TrialRecord], task: Task) -> list[str]:
    """What the filters refused, over all trials, the commonest reason first."""
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(record.refused)
    candidates = sum(record.candidates for record in records)
    lines = [f"Candidates refused, all trials: {counts.total():,} of {candidates:,}"]
    for reason, count in counts.most_common():
        lines.append(f"  {reason:<18} {count:>7,}  {meaning_of(reason, task)}".rstrip())
    return lines + [f"  left out: {pair}" for pair in leaking_pairs(records)]


def leaking_pairs(records: Sequence[TrialRecord]) -> list[str]:
    """A few of the rows that gave a problem away, each with the problem."""
    outcomes = [record.outcome for record in records if record.outcome is not None]
    pairs = dict.fromkeys(leak.pair for outcome in outcomes for leak in outcome.leaks)
    return list(pairs)[:_LEAKS_SHOWN]


def final_lines(final: FinalComparison) -> list[str]:
    """The whole sealed comparison: every arm, the difference, the verdict."""
    chosen = final.choice.lines() if final.choice else []
    header = f"Sealed problems, {fresh_seed_words(final.seeds)}"
    return [*chosen, header, *(arm_line(arm) for arm in final.arms), *verdict_lines(final)]


def fresh_seed_words(seeds: Sequence[int]) -> str:
    """The seeds of the final comparison, named."""
    named = ", ".join(str(seed) for seed in seeds)
    return f"fresh seed {named}" if len(seeds) == 1 else f"{len(seeds)} fresh seeds {named}"


def verdict_lines(final: FinalComparison) -> list[str]:
    """The difference that counts and what may be said of it, by DeltaOne and by the plain rule."""
    judgement = final.judgement
    if judgement is None:
        lines = [f"  best − baseline: not judged ({final.reason})"]
    else:
        paired, least = judgement.paired, f"{judgement.threshold * 100:+.1f} points"
        lines = [
            f"  best − baseline: {paired}; smallest detectable gain "
            f"{paired.smallest_detectable * 100:.1f} points",
            f"  DeltaOne (whole interval at least {least}) → {_VERDICTS[judgement.conclusion]}",
            f"  plain rule (point estimate at least {least}, no error considered) → "
            f"{'met' if judgement.plain_rule else 'not met'}",
            *(f"  Note: {remark}" for remark in judgement.remarks()),
        ]
    return [*lines, *(f"  Note: {remark}" for remark in final.remarks())]


def arm_line(arm: Arm) -> str:
    """One arm of the sealed comparison."""
    name = {
        "untuned": "student, untuned",
        "baseline": "trained with the hand-written baseline recipe",
        "best": f"trained with the best recipe (trial {arm.trial})",
    }[arm.name]
    return f"  {name:<46} {arm.score if arm.score else f'not judged: {arm.error}'}"


def _cells(record: TrialRecord) -> list[str]:
    number = str(record.number)
    outcome = record.outcome
    if outcome is None:
        return [number, record.state.value, "", "", "", ""]
    return [
        number,
        f"{outcome.score.value:.1%} ± {outcome.score.standard_error * 100:.1f}",
        _share(outcome.validity),
        _share(outcome.faithfulness),
        _examples(outcome),
        f"{spent(record.costs).seconds:.0f}",
    ]


def _rung_words(record: TrialRecord) -> str:
    """The rung that a trial ended at."""
    step = max(record.rungs, default=0)
    return f"rung {step} ({RUNGS.get(step, 'unknown')})"


def _examples(outcome: TrialOutcome) -> str:
    return f"{outcome.examples} of {outcome.candidates}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _place(record: TrialRecord) -> tuple[bool, float, int]:
    return (record.state is not State.COMPLETE, -_score(record), record.number)


def _score(record: TrialRecord) -> float:
    return record.outcome.score.value if record.outcome else 0.0


def report_text(view: RunView) -> list[str | Table]:
    """A run as lines and tables; of a run without a score, one line that says so."""
    parts: list[str | Table] = [
        f"run folder  {view.path}",
        f"study       {view.study}, student {view.student}",
        f"standing    {standing(view)}",
        *(f"not shown   {notice}" for notice in view.notices),
    ]
    if not any(record.outcome for record in view.records):
        return parts
    parts += ["", trials_table(view.records), "", proxies_table(view.records), ""]
    parts += [*arms_table(view.records, view.arms), *refusal_lines(view.records, view.task), ""]
    ledger = view.ledger
    parts += [ledger_table(ledger), *ledger_notes(ledger), ""]
    parts += [*rung_lines(view.records), best_line(view.records, seed=0)]
    parts += [repeats_line(view.repeats)] if view.repeats else []
    if view.final is not None:
        parts += ["", *final_lines(view.final)]
    if view.transfer is not None:
        parts += transfer_lines(view.transfer)
    return [*parts, ""]
