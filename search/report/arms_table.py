"""The arms that came while a study ran: what each says, where it comes from, and how it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluators.words import counted
from search.console import Column, Table, table
from search.recipes.pool import PoolArm
from search.study.records import TrialRecord, score_of

_WORDS = {"addition": "addition", "demo_set": "demo set"}


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
