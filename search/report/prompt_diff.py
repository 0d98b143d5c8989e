"""The best trial's prompt beside the baseline's, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluators.task import Demo
from search.recipes.space import ParameterValue
from search.study.trial_stages import Prompt

Kind = Literal["same", "added", "dropped"]

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


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
