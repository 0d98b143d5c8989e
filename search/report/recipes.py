"""Recipes in words, and how the arms did that came while a study ran.

Most of a study's recipes agree in most of their knobs; what they agree in is said once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluators.words import counted
from search.console import Column, Table, table
from search.recipes.pool import PoolArm
from search.recipes.space import ADDITION, DEMO_SET, Parameters, ParameterValue
from search.study.records import TrialRecord, score_of

_WORDS = {"addition": "addition", "demo_set": "demo set"}
SAME = "as the baseline"
_KNOBS: Mapping[str, Callable[[ParameterValue], str]] = {
    DEMO_SET: lambda value: f"demos {value}",
    "temperature": lambda value: f"temperature {float(value):.2f}",
    "attempts": lambda value: counted(int(value), "attempt"),
    "filter": lambda value: f"filter {value}",
    "keep_docstring": lambda value: "own docstring" if value else "generated docstring",
}


@dataclass(frozen=True, slots=True)
class ArmLine:
    """One arm in the table; texts, because people read it."""

    name: str
    """`addition 3`, or the name of a demo set."""
    says: str
    """An addition's text, or what a demo set's demos are."""
    origin: str
    """Who proposed it, from what."""
    after: int
    """Trials that had ended when it was let in."""
    trials: int
    scored: int
    mean: str
    best: str


def arm_lines(
    records: Sequence[TrialRecord], arms: Mapping[str, Sequence[PoolArm]]
) -> tuple[ArmLine, ...]:
    """Every arm that was let in, by its best score, those without one last."""
    found = []
    for parameter, pool in arms.items():
        for arm in pool:
            tried = [one for one in records if one.parameters.get(parameter) == arm.value]
            scores = [score_of(one) for one in tried if one.outcome is not None]
            line = ArmLine(
                name=f"{_WORDS.get(parameter, parameter)} {arm.number}",
                says=_says(arm),
                origin=", ".join([arm.origin, *arm.parents]),
                after=arm.after,
                trials=len(tried),
                scored=len(scores),
                mean=f"{sum(scores) / len(scores):.1%}" if scores else "",
                best=f"{max(scores):.1%}" if scores else "",
            )
            found.append((-max(scores, default=-1.0), parameter, arm.number, line))
    return tuple(line for *_, line in sorted(found, key=lambda one: one[:3]))


def arms_table(
    records: Sequence[TrialRecord], arms: Mapping[str, Sequence[PoolArm]]
) -> list[str | Table]:
    """The table for a terminal; nothing where no arm was let in."""
    lines = arm_lines(records, arms)
    if not lines:
        return []
    names = ("arm", "from", "after", "trials", "mean", "best", "says")
    columns = [Column(name, "left", folds=name in {"from", "says"}) for name in names]
    rows = [
        (one.name, one.origin, str(one.after), str(one.trials), one.mean, one.best, one.says)
        for one in lines
    ]
    heading = "Let in while the study ran (docs/proposals.md); means are over few trials"
    return ["", heading, table(columns, rows)]


def _says(arm: PoolArm) -> str:
    if arm.demos is None:
        return " ".join(arm.value.split())
    shown = "; ".join(" ".join(demo.outputs[-1].split()) for demo in arm.demos)
    return f"{counted(len(arm.demos), 'demo')}: {shown}"


def describe(parameters: Parameters) -> str:
    """A recipe in one line, silent clauses left out."""
    return " · ".join(words for words in _words(parameters).values() if words)


def differences(parameters: Parameters, base: Parameters) -> str:
    """What a recipe does otherwise than another one."""
    mine, others = _words(parameters), _words(base)
    changed = [
        words or f"without {others[name]}"
        for name, words in mine.items()
        if words != others.get(name, "")
    ]
    return " · ".join(changed) or SAME


def recipes_told(records: Sequence[TrialRecord]) -> tuple[str, dict[int, str]]:
    """The baseline in full, and each trial by what differs from it.

    Without trial 0 nothing is common: the first text is empty, and every recipe stands in full.
    """
    base = next((one.parameters for one in records if one.number == 0), None)
    if base is None:
        return "", {one.number: describe(one.parameters) for one in records}
    told = {one.number: differences(one.parameters, base) for one in records}
    return describe(base), {**told, 0: "the baseline"}


def repeats_line(repeats: int) -> str:
    """How many proposals were repeats; empty where none was."""
    if not repeats:
        return ""
    return (
        f"repeats     {counted(repeats, 'proposal')} of a recipe that had been tried: not run, "
        "not counted, and another drawn instead"
    )


def _words(parameters: Parameters) -> dict[str, str]:
    texts = {
        name: f'"{value}"' if value else ""
        for name, value in parameters.items()
        if name.startswith("clause.") or name == ADDITION
    }
    knobs = {name: told(parameters[name]) for name, told in _KNOBS.items() if name in parameters}
    return texts | knobs
