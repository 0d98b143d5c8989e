"""Which drafts may become arms: new ones, of bearable length, that give no problem away.

A language model that is shown what students fail at likes to quote it. A text that quotes a
problem would teach the generator the test, so every draft is held against the search problems and
the sealed ones, of which nobody who writes drafts is ever told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluators.leaks.contamination import Overlap, Passage, overlaps
from evaluators.leaks.normal_forms import normal_text
from evaluators.problem import Problem
from evaluators.task import Demo, Task
from search.recipes.pool import Draft, PoolArm

_CODE = re.compile(r"```[a-zA-Z0-9]*\n(.*?)```|^((?:def|theorem)\b.*?)(?:\n\s*\n|\Z)", re.S | re.M)
_WORDS = 5
"""Words from which a docstring that stands inside a draft was copied, not met by chance."""
_END = re.compile(r"(?<=[.!?:;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft is not let in."""

    reason: str
    """One of `empty`, `too long`, `known`, `leak`."""
    detail: str = ""

    def __str__(self) -> str:
        """For a person."""
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


class Gate:
    """Looks at drafts.

    Args:
        problems: everything a student is asked, sealed problems too.
        task: says what of a demo may give one away.
        longest: characters a text may have.
        told: texts that the study says anyhow: the base and the clauses.
    """

    def __init__(
        self, problems: Sequence[Problem], task: Task, *, longest: int, told: Sequence[str] = ()
    ) -> None:
        self._task = task
        self._problems = list(problems)
        self._docstrings = [(one.id, normal_text(one.docstring)) for one in self._problems]
        self._longest = longest
        self._told = [said(one) for one in told if one]

    def refuse(self, draft: Draft, known: Sequence[PoolArm]) -> Refusal | None:
        """Why the draft may not become an arm beside those there are; None where it may."""
        if draft.demos is not None:
            return self._refuse_demos(draft.demos, known)
        text = cleaned(draft.text)
        if not said(text):
            return Refusal("empty")
        if len(text) > self._longest:
            return Refusal("too long", f"{len(text):,} characters of {self._longest:,}")
        for arm in known:
            if arm.demos is None and said(arm.value) == said(text):
                return Refusal("known", f"it is arm {arm.number}")
        if said(text) in self._told:
            return Refusal("known", "the base or a clause says it")
        return self._refuse_leak(_passages(text)) or self._refuse_quotes(text)

    def _refuse_demos(self, demos: Sequence[Demo], known: Sequence[PoolArm]) -> Refusal | None:
        if not demos:
            return Refusal("empty")
        for arm in known:
            if arm.demos is not None and set(arm.demos) == set(demos):
                return Refusal("known", f"it is arm {arm.number}")
        form = self._task.form
        passages = [
            self._task.passage(
                str(place), "demo", demo.outputs, form.output(demo.outputs, form.described)
            )
            for place, demo in enumerate(demos)
        ]
        return self._refuse_leak(passages)

    def _refuse_leak(self, passages: Sequence[Passage]) -> Refusal | None:
        found: list[Overlap] = overlaps(passages, self._problems)
        return Refusal("leak", f"problem {found[0].problem_id}: {found[0].by}") if found else None

    def _refuse_quotes(self, text: str) -> Refusal | None:
        """A short docstring inside a longer text, which shares too few words to be a copy."""
        normal = f" {normal_text(text)} "
        for problem, docstring in self._docstrings:
            if len(docstring.split()) >= _WORDS and f" {docstring} " in normal:
                return Refusal("leak", f"problem {problem}: quoted")
        return None


def _passages(text: str) -> list[Passage]:
    """A text as what could be copied: the whole, each sentence, each piece of code."""
    parts = [Passage("text", "addition", text)]
    parts += [Passage("sentence", "addition", one) for one in sentences(text)]
    parts += [
        Passage("code", "addition", "", lean=fenced or bare)
        for fenced, bare in _CODE.findall(text)
    ]
    return parts


def cleaned(text: str) -> str:
    """A text without what no person sees: control and format characters, spaces at line ends."""
    seen = "".join(
        char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf"}
    )
    lines = [" ".join(line.split()) for line in seen.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, in order."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def said(text: str) -> frozenset[str]:
    """What a text says, whatever the order, case and punctuation of its sentences."""
    return frozenset(normal_text(one) for one in sentences(text)) - {""}


def without(text: str, known: Iterable[str]) -> str:
    """A text without the sentences that other texts hold."""
    told = frozenset[str]().union(*(said(one) for one in known))
    kept = [one for one in sentences(text) if normal_text(one) not in told]
    if len(kept) == len(sentences(text)):
        return text.strip()  # line breaks and all
    return " ".join(kept)
