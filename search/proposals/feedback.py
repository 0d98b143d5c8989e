"""What a language model is told when it is asked for a better instruction."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evaluators.evaluation import ProblemRecord
from evaluators.task import Checked
from search.generation.instruction_writing import Brief, Lesson
from search.generation.prompting import named
from search.proposals.from_rows import faithful_demos
from search.proposals.view import StudyView
from search.recipes.space import ADDITION
from search.recipes.texts import without
from search.study.records import TrialRecord, score_of
from search.trial.rows import SPARE, rows_of

_LESSONS = 3
"""Of each kind: refused rows, and problems lost."""
_CONTEXTS = 8
_DEMOS = 3
_PAST = 5
_LEAST = 100
"""Characters that may always be added; less says nothing."""
_DETAIL = 300
"""Characters of what Lean says."""


def brief_of(view: StudyView, *, longest: int, seed: int) -> Brief | None:
    """What is known after the best trial so far; None before any has a score.

    Args:
        view: the study.
        longest: characters an addition may have.
        seed: of what is drawn.
    """
    scored = view.scored
    if not scored:
        return None
    best, chance = scored[0], random.Random(seed)
    checked = view.stages.checked(best) or []
    contexts = chance.sample(list(view.contexts.values()), min(_CONTEXTS, len(view.contexts)))
    good = faithful_demos(checked, view.contexts, view.task)
    return Brief(
        instruction=view.recipe(best).instruction,
        past=_past(view, scored),
        contexts=tuple(context.inputs for context in contexts),
        good=tuple(chance.sample(good, min(_DEMOS, len(good)))),
        lessons=(*_refused_rows(view, checked, chance), *_lost(view, best, chance)),
        # what the best trial added stays in the new addition, and counts
        longest=max(_LEAST, longest - len(str(best.parameters.get(ADDITION, "")))),
    )


def _past(view: StudyView, scored: Sequence[TrialRecord]) -> tuple[tuple[str, float], ...]:
    past: dict[str, float] = {}
    for record in scored:
        past.setdefault(view.recipe(record).instruction, score_of(record))
    return tuple(past.items())[:_PAST]


def _refused_rows(
    view: StudyView,
    checked: Sequence[Checked],
    chance: random.Random,
) -> list[Lesson]:
    """Rows the strictest filter refuses, each for another reason where there are several."""
    rows = rows_of(checked, view.contexts, view.task, filter="faithful", keep_docstring=False)
    lessons: dict[str, Lesson] = {}
    for row in chance.sample(rows, len(rows)):
        context = row.context
        if row.reason in ("", SPARE, *lessons) or context is None:
            continue
        lessons[row.reason] = Lesson(
            asked=named(view.task.form.inputs, context.inputs),
            wrote=view.task.reply(row.candidate.outputs),
            feedback=f"This row was refused: {row.reason}. {row.detail[:_DETAIL]}".strip(),
        )
    return list(lessons.values())[:_LESSONS]


def _lost(view: StudyView, record: TrialRecord, chance: random.Random) -> list[Lesson]:
    """Problems that the student failed after it was trained on the trial's rows."""
    evaluation = view.stages.evaluation(record)
    lost = [one for one in evaluation.records if not one.passed] if evaluation else []
    found: dict[str, Lesson] = {}
    for one in chance.sample(lost, len(lost)):
        problem = view.problems.get(one.problem_id)
        if problem is None or one.finding.reason in found:
            continue
        found[one.finding.reason] = Lesson(
            asked={
                "put to": "the student, after it was trained on rows of this instruction",
                "docstring": problem.docstring,
                "signature": problem.signature,
            },
            wrote=one.answer,
            feedback=_said(one),
        )
    return list(found.values())[:_LESSONS]


def _said(record: ProblemRecord) -> str:
    finding = record.finding
    return f"{finding.reason}. {finding.detail[:_DETAIL]}".strip()


def addition_in(instruction: str, view: StudyView) -> str:
    """What an instruction says beyond the base and the clauses, which are searched by themselves.

    The addition it began from may stay in it: then the new arm builds on that one.
    """
    clauses = [text for texts in view.space.clauses.values() for text in texts if text]
    return without(instruction, [view.space.base, *clauses])


def parents_of(view: StudyView) -> tuple[str, ...]:
    """The trial a brief is about, and the arm it tried."""
    best = view.scored[0]
    text = str(best.parameters.get(ADDITION, ""))
    arms = [f"{ADDITION} {arm.number}" for arm in view.arms[ADDITION] if arm.value == text != ""]
    return (f"trial {best.number}", *arms)
