"""What changed between a study and its file, and what of the study's work that leaves valid.

Stages are found by what they depend on, so a changed setting does not spoil the stages before the
one it first decides: a study under another name reads them where it is given the old store.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from search.errors import StudyChanged

_SHOWN = 3
"""Changes named beside the first one; the others are counted."""

_VALID = (
    ("training.min_examples", 3),
    ("recipe.", 3),
    ("baseline.", 3),
    ("judge.", 3),
    ("evaluation.", 2),
    ("problems.", 2),
    ("training.", 1),
    ("student", 1),
)
"""How far a trial's stages stay valid, by the beginning of a setting's name; first fit."""

_STAYS = {
    1: "rows and Lean's verdicts on them stay",
    2: "rows, verdicts and fine-tunes stay",
    3: "all stages of recipes that both studies hold stay",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that is not what it was."""

    name: str
    was: object
    now: object

    def __str__(self) -> str:
        """For a person."""
        return f"{self.name} {_shown(self.was)} → {_shown(self.now)}"


def changes(before: Mapping[str, object], now: Mapping[str, object]) -> list[Change]:
    """Every difference, in the order of the settings."""
    names = [*before, *(name for name in now if name not in before)]
    return [
        Change(name, before.get(name), now.get(name))
        for name in names
        if before.get(name) != now.get(name)
    ]


def allowed(found: list[Change], may_change: Collection[str]) -> list[Change]:
    """Those that leave earlier scores comparable."""
    return [one for one in found if one.name.startswith(tuple(may_change))]


def refuse_changes(study: str, found: list[Change], *, may_change: Collection[str]) -> None:
    """Refuse a file that describes another study.

    Raises:
        StudyChanged: what changed, what stays valid, and how to go on.
    """
    free = allowed(found, may_change)
    changed = [one for one in found if one not in free]
    if not changed:
        return
    first, others = changed[0], changed[1:]
    more = "".join(f", {one}" for one in others[:_SHOWN])
    if len(others) > _SHOWN:
        more += f" and {len(others) - _SHOWN} more"
    stays, way = _stays(changed), "give the file another `name:` or `--run-dir`"
    if stays:
        way += f" ({stays} valid: read them with --stages-dir and this run's `stages`)"
    raise StudyChanged(
        f"study `{study}` was made with {first.name} = {_shown(first.was)}, the study file says "
        f"{_shown(first.now)}{more}; {way}, or set it back"
    )


def _stays(changed: list[Change]) -> str:
    return _STAYS.get(min(_valid_until(one.name) for one in changed), "")


def _valid_until(name: str) -> int:
    return next((stages for begins, stages in _VALID if name.startswith(begins)), 0)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]
