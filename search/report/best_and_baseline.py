"""The best trial beside the baseline's: its prompt, and the search problems it wins and loses.

Only search problems: a sealed problem that somebody has read is sealed no more, so of those the
report gives counts.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.problem import Problem
from evaluators.task import Demo
from search.recipes.space import ParameterValue
from search.study.trial_stages import Prompt

Kind = Literal["same", "added", "dropped"]
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a student answered to a problem, and what came of it."""

    text: str
    outcome: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ContestedProblem:
    """A problem that one of two students passed."""

    id: str
    docstring: str
    """Empty where the problems cannot be read."""
    signature: str
    baseline: Answer
    best: Answer


@dataclass(frozen=True, slots=True)
class Contest:
    """Two evaluations of the same problems, side by side."""

    won: tuple[ContestedProblem, ...]
    """Passed after the best recipe and not after the baseline's."""
    lost: tuple[ContestedProblem, ...]
    both: int
    neither: int


def contest(best: Evaluation, baseline: Evaluation, problems: Mapping[str, Problem]) -> Contest:
    """The problems of two evaluations, sorted by who passed them; the first attempts count."""
    others = {record.problem_id: record for record in baseline.records}
    pairs = [
        (record, others[record.problem_id])
        for record in best.records
        if record.problem_id in others
    ]
    won = [pair for pair in pairs if pair[0].passed and not pair[1].passed]
    lost = [pair for pair in pairs if pair[1].passed and not pair[0].passed]
    return Contest(
        won=tuple(_contested(*pair, problems) for pair in won),
        lost=tuple(_contested(*pair, problems) for pair in lost),
        both=sum(one.passed and other.passed for one, other in pairs),
        neither=sum(not one.passed and not other.passed for one, other in pairs),
    )


def _contested(
    best: ProblemRecord, baseline: ProblemRecord, problems: Mapping[str, Problem]
) -> ContestedProblem:
    problem = problems.get(best.problem_id)
    return ContestedProblem(
        id=best.problem_id,
        docstring=problem.docstring if problem else "",
        signature=problem.signature if problem else "",
        baseline=_answer(baseline),
        best=_answer(best),
    )


def _answer(record: ProblemRecord) -> Answer:
    return Answer(
        text=record.answer,
        outcome="passed" if record.passed else record.finding.outcome,
        reason=record.compared or record.finding.reason,
        detail=record.detail or record.finding.detail,
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the instruction: in both prompts, or in one of them."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class ShownDemo:
    """A demo and in which of the two prompts it stands."""

    kind: Kind
    demo: Demo


@dataclass(frozen=True, slots=True)
class KnobPair:
    """One knob in both recipes."""

    name: str
    baseline: str
    best: str

    @property
    def changed(self) -> bool:
        """Whether the two recipes differ in it."""
        return self.baseline != self.best


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """What differs between two prompts."""

    instruction: tuple[Passage, ...]
    demos: tuple[ShownDemo, ...]


def prompt_diff(baseline: Prompt, best: Prompt) -> PromptDiff:
    """From the baseline's prompt to the best trial's: sentences kept, dropped and added."""
    demos = [
        *(ShownDemo("dropped", demo) for demo in baseline.demos if demo not in best.demos),
        *(ShownDemo("same" if demo in baseline.demos else "added", demo) for demo in best.demos),
    ]
    return PromptDiff(_passages(baseline.instruction, best.instruction), tuple(demos))


def knob_pairs(
    baseline: Mapping[str, ParameterValue], best: Mapping[str, ParameterValue]
) -> tuple[KnobPair, ...]:
    """Every knob of either recipe, in their order."""
    names = dict.fromkeys([*baseline, *best])
    return tuple(
        KnobPair(name, _said(baseline.get(name)), _said(best.get(name))) for name in names
    )


def _passages(before: str, after: str) -> tuple[Passage, ...]:
    old, new = _SENTENCE.split(before), _SENTENCE.split(after)
    found: list[Passage] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag == "equal":
            found.append(Passage("same", " ".join(old[a_from:a_to])))
            continue
        if a_to > a_from:
            found.append(Passage("dropped", " ".join(old[a_from:a_to])))
        if b_to > b_from:
            found.append(Passage("added", " ".join(new[b_from:b_to])))
    return tuple(found)


def _said(value: ParameterValue | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value) or "(says nothing)"
