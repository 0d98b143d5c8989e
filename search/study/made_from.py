"""What a study was made from beside its file, and why a study is not gone on with after a change.

Contexts, problems, weights or Lean that changed in place under a study would let scores of before
and after compete. They are refused by name, as a changed study file is. Libraries of another
version are said and not refused: what they change is nobody's edit, and often nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from search.errors import StudyChanged
from search.settings.changes import Change, changes
from search.study.records import SOURCES, VERSIONS
from search.study.study import SearchStudy

_SHOWN = 3
"""Changes named; the others are counted."""
_HEX = 12
"""Digits shown of a hash."""
_HASH = re.compile(r"[0-9a-f]{64}")

_STAYS = {
    "search problems": "rows, verdicts and fine-tunes stay",
    "student": "rows and Lean's verdicts on them stay",
    "sealed problems": "all stages of its trials stay",
    "demos": "all stages of recipes without demos stay",
    "judge": "all stages but the judge's stay",
    "Lean": "the generator's rows stay",
}
"""What of the stages stays valid, by the beginning of what alone has changed."""


def tie(
    study: SearchStudy, name: str, sources: Mapping[str, str], versions: Mapping[str, str]
) -> list[str]:
    """Tie a study to what it is made from, or check that it still is; what to tell of it.

    Args:
        study: remembers.
        name: the study's.
        sources: hashes of what its scores depend on.
        versions: of the libraries it runs with.

    Raises:
        StudyChanged: it was made from something else.
    """
    before = cast("dict[str, str] | None", study.noted(SOURCES))
    with_before = cast("dict[str, str] | None", study.noted(VERSIONS)) or {}
    refuse_other_sources(name, before, sources)
    if before is None:
        study.note(SOURCES, dict(sources))
    if with_before != versions:
        study.note(VERSIONS, dict(versions))
    return version_lines(with_before, versions)


def refuse_other_sources(
    study: str, before: Mapping[str, str] | None, now: Mapping[str, str]
) -> None:
    """Refuse to go on with a study that was made from something else.

    Args:
        study: its name.
        before: what it noted; None or nothing where it was not tied to anything yet.
        now: what is there now.

    Raises:
        StudyChanged: what changed, what stays valid, and how to go on.
    """
    different = changes(before, now) if before else []
    if not different:
        return
    named = ", ".join(_shown(one) for one in different[:_SHOWN])
    if len(different) > _SHOWN:
        named += f" and {len(different) - _SHOWN} more"
    stays = _stays(different)
    kept = f" ({stays} valid: read them with --stages-dir, this run's `stages`)" if stays else ""
    raise StudyChanged(
        f"study `{study}` was made from other files: {named}; scores of before and after would "
        f"not compare. Put back what changed, or begin a new study with another `name:` or "
        f"`--run-dir`{kept}"
    )


def version_lines(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What to say of libraries that are not what they were."""
    return [
        f"changed     {one.name} {one.was or 'none'} → {one.now or 'none'}; earlier scores are "
        "kept, new ones may differ by it"
        for one in (changes(before, now) if before else [])
    ]


def _shown(change: Change) -> str:
    was, now = _short(change.was), _short(change.now)
    if not was:
        return f"{change.name} is new ({now})"
    return f"{change.name} {was} → {now}" if now else f"{change.name} is gone (was {was})"


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text[:_HEX] if _HASH.fullmatch(text) else text


def _stays(different: list[Change]) -> str:
    """What stays valid where all that changed is of one kind."""
    for begins, stays in _STAYS.items():
        if all(one.name.startswith(begins) for one in different):
            return stays
    return ""
