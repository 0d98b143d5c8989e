"""Additions that a language model writes, and what it is told when it is asked for them."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Sequence
from typing import cast

from pydantic import TypeAdapter

from engines.budget import Purse, carried
from engines.ledger import Cost
from evaluators.evaluation import ProblemRecord
from evaluators.task import Checked
from search.generation.instruction_writing import Brief, InstructionWriter, Lesson
from search.generation.prompting import named
from search.proposals.from_study import faithful_demos
from search.proposals.proposer import StudyView
from search.recipes.gate import without
from search.recipes.pool import Draft
from search.recipes.space import ADDITION
from search.settings.proposals import Growing, Source
from search.study.records import TrialRecord, score_of
from search.trial.rows import SPARE, rows_of
from stores.content import JSONValue
from stores.stages import StageStore

STAGE = "propose"
"""The name of what a language model wrote, in the stage store."""
MAKER = "proposals"
"""Who pays for it, in the ledger."""

_WRITTEN = TypeAdapter(dict[str, str])
_LESSONS = 3
"""Of each kind: refused rows, and problems lost."""
_CONTEXTS = 8
_DEMOS = 3
_PAST = 5
_LEAST = 100
"""Characters that may always be added; less says nothing."""
_DETAIL = 300
"""Characters of what Lean says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Till:
    """Where a writer's answers are kept, and what pays for them."""

    stages: StageStore
    purse: Purse | None = None


class FromWriter:
    """Has an instruction writer improve on the best trial's instruction.

    What it writes is a stage like any other: paid for once, kept with its inputs, in the ledger.

    Args:
        source: by which name it proposes.
        writer: who writes.
        longest: characters an addition may have.
        till: where answers are kept, and what pays for them.
    """

    parameter: Growing = "addition"

    def __init__(
        self, source: Source, writer: InstructionWriter, *, longest: int, till: Till
    ) -> None:
        self.source = source
        # a hash, because the fingerprint of an endpoint holds its address
        model = hashlib.sha256(writer.fingerprint.encode()).hexdigest()[:12]
        self.name = f"{source} {model}"
        self._writer = writer
        self._longest = longest
        self._till = till

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before any trial has a score.

        Raises:
            ModelUnavailable: the language model cannot be reached.
            BudgetSpent: it would cost more than the study may spend.
        """
        brief = brief_of(view, longest=self._longest, seed=seed)
        if brief is None:
            return None
        with carried(self._till.purse):
            written = self._till.stages.run(
                STAGE,
                inputs={
                    "source": self.source,
                    "writer": self._writer.fingerprint,
                    "brief": cast("JSONValue", dataclasses.asdict(brief)),
                    "seed": seed,
                },
                compute=lambda _: {"instruction": self._writer.write(brief, seed=seed)},
                codec=_WRITTEN,
                cost=lambda _: Cost(),
            )
        text = addition_in(written.value["instruction"], view)
        return Draft(text, origin=self.source, parents=parents_of(view))


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
    return f"The answer failed: {finding.reason}. {finding.detail[:_DETAIL]}".strip()


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
