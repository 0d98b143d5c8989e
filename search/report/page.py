"""`report.html`: everything a run has to say, in one file that needs no network.

What models write is escaped by the template; `search.report.template` says how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from engines.errors import first_line
from engines.ledger import spent
from evaluators.task import Task
from search.comparisons.transfer import Transfer
from search.comparisons.transfer_table import (
    TableRow,
    borrowing_lines,
    caption,
    pair_lines,
    table_rows,
)
from search.report.best_and_baseline import (
    Contest,
    KnobPair,
    PromptDiff,
    contest,
    knob_pairs,
    prompt_diff,
)
from search.report.figures import (
    Drawing,
    importance_figure,
    proxies_figure,
    rungs_figure,
    trials_figure,
)
from search.report.importance import REPORTED, Importances, importances
from search.report.ledger import LedgerSection, ledger_section
from search.report.ranking import absence_lines, rung_lines
from search.report.recipes import ArmLine, arm_lines, recipes_told, repeats_line
from search.report.rows import KEPT, RowSample, asked, sample_rows, written
from search.report.run_view import Counted, RunView, _failures, _score, best_of, standing
from search.report.template import render
from search.report.terminal import (
    arm_line,
    best_line,
    fresh_seed_words,
    leaking_pairs,
    verdict_lines,
)
from search.study.records import TrialRecord
from search.trial.rows import meaning_of

_ROWS = 40
"""Rows shown of one trial."""
_CONTESTED = 60
"""Problems shown of those won, and of those lost."""
_TRIALS = 300
"""Trials listed; a longer study lists its best."""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One trial in the table."""

    number: int
    state: str
    score: str
    interval: str
    examples: str
    seconds: str
    recipe: str
    error: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the template is given."""

    view: RunView
    made_by: str
    state: str
    headline: tuple[str, ...]
    """Plain sentences, the most important first."""
    sealed: tuple[str, ...]
    students: TransferSection | None
    trials_drawing: Drawing | None
    trials: tuple[TrialLine, ...]
    baseline_recipe: str
    """The baseline in full: the trials are told by what differs from it."""
    repeats: str
    """How many proposals were repeats, in words."""
    trials_left_out: int
    failures: tuple[Counted, ...]
    arms: tuple[ArmLine, ...]
    """Those that came while the study ran."""
    rungs_drawing: Drawing | None
    rungs: tuple[str, ...]
    proxies_drawing: Drawing | None
    importances: Importances
    importance_drawing: Drawing | None
    best: TrialRecord | None
    baseline: TrialRecord | None
    diff: PromptDiff | None
    knobs: tuple[KnobPair, ...]
    samples: tuple[RowSample, ...]
    contest: Contest | None
    refusals: tuple[Counted, ...]
    ledger: LedgerSection
    notices: tuple[str, ...]
    """What could not be read or shown."""


def report_html(view: RunView) -> str:
    """The whole page; characters that no encoding holds are replaced."""
    page = _page(view)
    return render(
        "report.html.jinja",
        page=page,
        most=_CONTESTED,
        meaning=lambda reason: _meaning(reason, view.task),
        written=lambda row: written(row, view.task),
        asked=lambda row: asked(row, view.task),
        fields=view.task.form,
        choices=_choices(page.samples),
    )


def _page(view: RunView) -> Page:
    records = view.records
    best, baseline = best_of(view), _baseline(view)
    found = importances(records, seed=REPORTED)
    samples = _samples(view, best, baseline)
    baseline_recipe, recipes = recipes_told(records)
    listed = sorted(records, key=lambda one: (-_score(one), one.number))[:_TRIALS]
    return Page(
        view=view,
        made_by=f"outerloop {version('outerloop')}",
        state=standing(view),
        headline=_headline(view),
        sealed=_sealed(view),
        students=transfer_section(view.transfer, view.student),
        trials_drawing=trials_figure(records),
        trials=tuple(_trial_line(one, recipes[one.number]) for one in listed),
        baseline_recipe=baseline_recipe,
        repeats=repeats_line(view.repeats).removeprefix("repeats").strip(),
        trials_left_out=len(records) - len(listed),
        failures=_failures(records),
        arms=arm_lines(view.records, view.arms),
        rungs_drawing=rungs_figure(records),
        rungs=tuple(" ".join(line.split()) for line in rung_lines(records)),
        proxies_drawing=proxies_figure(records),
        importances=found,
        importance_drawing=importance_figure(found),
        best=best,
        baseline=baseline,
        diff=_diff(view, best, baseline),
        knobs=knob_pairs(baseline.parameters, best.parameters) if best and baseline else (),
        samples=samples,
        contest=_contest(view, best, baseline),
        refusals=_refusals(records, view.task),
        ledger=ledger_section(view.ledger),
        notices=(*view.notices, *view.stages.notices, *absence_lines(records), *_leaks(records)),
    )


def _headline(view: RunView) -> tuple[str, ...]:
    best = best_line(view.records, seed=0)
    word = "Best" if view.finished else "Best so far"
    lines = [f"{word}: {best.removeprefix('best').strip()}"] if best else []
    if view.final is not None:
        lines.append(f"On the sealed problems: improvement {view.final.verdict.value}.")
    return tuple(lines)


def _sealed(view: RunView) -> tuple[str, ...]:
    if view.final is None:
        return ()
    arms = [" ".join(arm_line(arm).split()) for arm in view.final.arms]
    chosen = view.final.choice.lines() if view.final.choice else []
    return (
        f"Sealed problems, {fresh_seed_words(view.final.seeds)}.",
        *arms,
        *(line.strip() for line in verdict_lines(view.final)),
        *(" ".join(line.split()) for line in chosen),
    )


def _baseline(view: RunView) -> TrialRecord | None:
    return next((one for one in view.records if one.number == 0), None)


def _trial_line(record: TrialRecord, recipe: str) -> TrialLine:
    outcome = record.outcome
    score = outcome.score if outcome else None
    return TrialLine(
        number=record.number,
        state=record.state.value,
        score=f"{score.value:.1%} ± {score.standard_error * 100:.1f}" if score else "–",
        interval=f"{score.low * 100:.1f} to {score.high * 100:.1f}, n = {score.n}"
        if score
        else "",
        examples=f"{outcome.examples} of {outcome.candidates}" if outcome else "–",
        seconds=f"{spent(record.costs).seconds:,.0f}",
        recipe=recipe,
        error=first_line(record.error) if record.error else "",
    )


def _leaks(records: Sequence[TrialRecord]) -> list[str]:
    return [f"{pair}: the row was left out of training" for pair in leaking_pairs(records)]


def _refusals(records: Sequence[TrialRecord], task: Task) -> tuple[Counted, ...]:
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(record.refused)
    return tuple(
        Counted(reason, count, meaning_of(reason, task)) for reason, count in counts.most_common()
    )


def _meaning(reason: str, task: Task) -> str:
    return "Passed the recipe's filter." if reason == KEPT else meaning_of(reason, task)


def _diff(
    view: RunView, best: TrialRecord | None, baseline: TrialRecord | None
) -> PromptDiff | None:
    if best is None or baseline is None:
        return None
    old, new = view.stages.prompt(baseline), view.stages.prompt(best)
    return prompt_diff(old, new) if old and new else None


def _samples(
    view: RunView, best: TrialRecord | None, baseline: TrialRecord | None
) -> tuple[RowSample, ...]:
    """Rows of the best and the baseline; without a score, of the last trial that has any."""
    wanted = [one for one in (best, baseline) if one is not None]
    if best is None:
        wanted = [one for one in view.records if _came_to(one, "check")][-1:]
    unique = {one.number: one for one in wanted}.values()
    return tuple(
        sample_rows(one, checked, view.contexts, view.task, most=_ROWS)
        for one in unique
        if (checked := view.stages.checked(one)) is not None
    )


def _choices(samples: Sequence[RowSample]) -> dict[str, list[str] | int]:
    """What the rows can be narrowed by."""
    rows = [row for sample in samples for row in sample.rows]
    return {
        "outcome": sorted({row.outcome for row in rows}),
        "reason": sorted({row.reason or KEPT for row in rows}),
        "rows": len(rows),
    }


def _contest(
    view: RunView, best: TrialRecord | None, baseline: TrialRecord | None
) -> Contest | None:
    if best is None or baseline is None or best.number == baseline.number:
        return None
    ours, theirs = view.stages.evaluation(best), view.stages.evaluation(baseline)
    return contest(ours, theirs, view.problems) if ours and theirs else None


def _came_to(record: TrialRecord, stage: str) -> bool:
    return any(line.stage == stage for line in record.costs)


@dataclass(frozen=True, slots=True)
class TransferSection:
    """What a page says of other students."""

    students: tuple[str, ...]
    here: str
    """The column of the run that is shown."""
    rows: tuple[TableRow, ...]
    caption: str
    told: tuple[str, ...]
    """What follows from the table, in sentences."""


def transfer_section(transfer: Transfer | None, student: str) -> TransferSection | None:
    """The section of a run whose base model is `student`; None where there is no table."""
    if transfer is None:
        return None
    return TransferSection(
        students=tuple(one.name for one in transfer.students),
        here=next((one.name for one in transfer.students if one.student == student), ""),
        rows=tuple(table_rows(transfer)),
        caption=caption(transfer),
        told=(*borrowing_lines(transfer), *pair_lines(transfer)),
    )
