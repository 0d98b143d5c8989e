"""Why a problem was lost: what a trial's student answered, and the rows nearest to the problem.

What people get wrong: the nearest row is not the cause. It is where to look: a row that teaches
the wrong thing, rows that the filter refused, or nothing near at all. Nearness is that of the leak
check (`evaluators.leaks.paraphrases`): shared content words, rare ones counting most, and kinds of
arguments. Only search problems are explained; a sealed problem that somebody has read is sealed no
more.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from engines.errors import first_line
from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.leaks.normal_forms import declared_name
from evaluators.leaks.paraphrases import LEAST_EVIDENCE, Described, closest, shared_words
from evaluators.leaks.shapes import shape_of_signature
from evaluators.problem import Problem
from evaluators.task import Task
from search.errors import KNOWN, NoExplanation
from search.materials.problems import load_problems
from search.recipes.recipe import Recipe
from search.report.run_view import RunView, best_of
from search.study.records import TrialRecord
from search.trial.rows import Row, rows_under


@dataclass(frozen=True, slots=True)
class ExplainedAnswer:
    """One answer of the student, and what came of it."""

    text: str
    passed: bool
    outcome: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class NearRow:
    """One row, and how near it is to the problem."""

    degree: float
    """Evidence that it is about the same thing; see `LEAST_EVIDENCE`."""
    shared: tuple[str, ...]
    """Content words that it has in common with the problem."""
    row: Row


@dataclass(frozen=True, slots=True)
class Explanation:
    """A problem, a trial, and what lies between them."""

    study: str
    student: str
    problem: Problem
    """Its reference and its tests are left out."""
    trial: int
    passed: bool
    answers: tuple[ExplainedAnswer, ...]
    passed_by_baseline: bool | None
    """Whether the student passed it after the baseline's recipe; None where nobody knows."""
    recipe: Recipe
    """The prompt, demos included, that made the rows below."""
    kept: tuple[NearRow, ...]
    """Training rows, the nearest first."""
    refused: tuple[NearRow, ...]
    """Rows the student was not trained on, the nearest first."""
    trained_on: int
    """Training rows in all."""
    not_trained_on: int

    @property
    def anything_near(self) -> bool:
        """Whether a training row has something in common with the problem."""
        return any(one.degree >= LEAST_EVIDENCE for one in self.kept)


def explain(view: RunView, problem: str, *, trial: int | None, rows: int) -> Explanation:
    """Explain one search problem of a run.

    Args:
        view: the run.
        problem: its id.
        trial: whose student; None takes the best trial's.
        rows: how many rows to give of those kept, and of those refused.

    Raises:
        NoExplanation: no such problem or trial, a sealed problem, or stages that cannot be read.
    """
    record = _trial(view, trial)
    evaluation = view.stages.evaluation(record)
    recipe, checked = view.stages.recipe(record), view.stages.checked(record)
    if evaluation is None or recipe is None or checked is None:
        raise NoExplanation(
            f"trial {record.number} cannot be explained: {'; '.join(view.stages.notices)}; give "
            "the search's stage store with --stages-dir"
        )
    answered = _answers(view, evaluation, problem)
    asked = view.problems.get(problem) or Problem(problem, "", "", (), "")
    leaks = record.outcome.leaks if record.outcome else ()
    leaking = {leak.place for leak in leaks}
    made = rows_under(checked, recipe, view.contexts.values(), view.task, leaking=leaking)
    near = _nearest(made, asked, view.task)
    baseline = _baseline(view, problem) if record.number else None
    return Explanation(
        study=view.study,
        student=view.student,
        problem=Problem(asked.id, asked.docstring, asked.signature, (), "", asked.kind),
        trial=record.number,
        passed=answered.passed,
        answers=tuple(
            ExplainedAnswer(
                one.answer,
                one.passed,
                "passed" if one.passed else one.finding.outcome,
                one.compared or one.finding.reason,
                one.detail or one.finding.detail,
            )
            for one in answered.attempts
        ),
        passed_by_baseline=baseline,
        recipe=recipe,
        kept=tuple([one for one in near if not one.row.reason][:rows]),
        refused=tuple([one for one in near if one.row.reason][:rows]),
        trained_on=sum(not one.row.reason for one in near),
        not_trained_on=sum(bool(one.row.reason) for one in near),
    )


def _nearest(rows: Sequence[Row], problem: Problem, task: Task) -> list[NearRow]:
    """Every row, the nearest to the problem first."""
    asked = Described(
        problem.docstring,
        declared_name(problem.signature),
        shape_of_signature(problem.signature),
    )
    described = []
    for row in rows:
        passage = task.passage("", "row", row.candidate.outputs, row.description)
        name = task.context_passage(row.context).name if row.context else ""
        described.append(Described(row.description, name, passage.shape))
    return [
        NearRow(
            one.degree,
            tuple(shared_words(problem.docstring, rows[one.passage].description)),
            rows[one.passage],
        )
        for one in closest(described, asked, at_most=len(described))
    ]


def _trial(view: RunView, number: int | None) -> TrialRecord:
    if number is None:
        best = best_of(view)
        if best is None:
            raise NoExplanation(
                f"{view.path}: no trial has a score yet, so no student has answered"
            )
        return best
    found = [one for one in view.records if one.number == number]
    if not found:
        raise NoExplanation(
            f"{view.path} has no trial {number}; it has 0 to {len(view.records) - 1}"
        )
    record = found[0]
    if record.outcome is None:
        why = f" ({first_line(record.error)})" if record.error else ""
        raise NoExplanation(
            f"trial {number} is {record.state.value}{why}: its student answered nothing; give "
            "another --trial"
        )
    return record


def _answers(view: RunView, evaluation: Evaluation, problem: str) -> ProblemRecord:
    for one in evaluation.records:
        if one.problem_id == problem:
            return one
    if problem in _sealed(view):
        raise NoExplanation(
            f"{problem} is a sealed problem: what is read of it would tune the next study; give "
            "a search problem"
        )
    ids = [one.problem_id for one in evaluation.records]
    near = difflib.get_close_matches(problem, ids, n=3, cutoff=0.5) or ids[:3]
    raise NoExplanation(
        f"no search problem `{problem}` among {len(ids)}; there is {', '.join(near)}"
    )


def _sealed(view: RunView) -> set[str]:
    """Ids of the sealed problems, and nothing else of them."""
    if view.settings is None:
        return set()
    try:
        return {one.id for one in load_problems(view.settings.problems.sealed, view.task)}
    except KNOWN:
        return set()


def _baseline(view: RunView, problem: str) -> bool | None:
    first = next((one for one in view.records if one.number == 0 and one.outcome), None)
    evaluation = view.stages.evaluation(first) if first else None
    records = evaluation.records if evaluation else ()
    return next((one.passed for one in records if one.problem_id == problem), None)


@dataclass(frozen=True, slots=True)
class LostProblem:
    """A search problem that a trial's student did not pass."""

    id: str
    docstring: str
    """Empty where the problems cannot be read."""
    passed_by_baseline: bool
    """Whether the student passed it after the baseline's recipe, as far as anybody knows."""


def lost_problems(view: RunView, *, trial: int | None) -> list[LostProblem]:
    """The problems that a trial's student did not pass, those first that the baseline's did.

    Raises:
        NoExplanation: no such trial, or one without answers.
    """
    record = _trial(view, trial)
    evaluation = view.stages.evaluation(record)
    if evaluation is None:
        raise NoExplanation(
            f"trial {record.number} cannot be explained: {'; '.join(view.stages.notices)}; give "
            "the search's stage store with --stages-dir"
        )
    passed = _passed_by_baseline(view) if record.number else set()
    lost = [
        LostProblem(
            one.problem_id,
            view.problems[one.problem_id].docstring if one.problem_id in view.problems else "",
            one.problem_id in passed,
        )
        for one in evaluation.records
        if not one.passed
    ]
    return sorted(lost, key=lambda one: not one.passed_by_baseline)


def _passed_by_baseline(view: RunView) -> set[str]:
    first = next((one for one in view.records if one.number == 0 and one.outcome), None)
    evaluation = view.stages.evaluation(first) if first else None
    return {one.problem_id for one in evaluation.records if one.passed} if evaluation else set()
