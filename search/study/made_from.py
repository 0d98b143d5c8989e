"""What a study was made from beside its file, and why it is not gone on with after a change.

Everything outside the study file that scores depend on is remembered by its hash. Contexts,
problems, weights or Lean that changed in place under a study would let scores of before and after
compete: they are refused by name, as a changed study file is. The hashes are of what is read: an
edit that no score can see, such as one of a context that was not drawn, is none. Libraries of
another version are said and not refused: what they change is nobody's edit, and often nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import cast

from engines.prices import is_local
from engines.weights import hash_of_files, local_path, model_files, model_hash
from search.errors import StudyChanged
from search.materials.contexts import contexts_hash
from search.materials.gathering import Materials, student_path
from search.materials.problems import problems_hash
from search.settings.changes import Change, changes
from search.settings.study import StudySettings
from search.study.records import SOURCES, VERSIONS
from search.study.study import SearchStudy
from stores.content import fingerprint

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
CONTEXTS, DRAWN, DEMOS = "contexts", "drawn inputs", "demos"
SEARCH_PROBLEMS, SEALED_PROBLEMS = "search problems", "sealed problems"
STUDENT, GENERATOR, JUDGE, LEAN = "student", "generator", "judge", "Lean"
_LIBRARIES = ("outerloop", "torch", "transformers", "tokenizers", "peft", "dspy")


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


def sources_of(
    settings: StudySettings, materials: Materials, *, checked_by: str
) -> dict[str, str]:
    """The hash of each thing, by what a person calls it; a model's files each have their own.

    Args:
        settings: the study.
        materials: what its files hold now, the student apart.
        checked_by: fingerprint of its Lean.
    """
    return {**dict(_sources(settings, materials)), LEAN: checked_by}


def versions() -> dict[str, str]:
    """Of Python and of the libraries that write, train and answer."""
    return {"Python": python_version(), **{name: version(name) for name in _LIBRARIES}}


def provenance(sources: Mapping[str, str], *, student: str) -> dict[str, str]:
    """What a pipeline says it was made from, as a study's sources say it.

    Args:
        sources: from `sources_of`.
        student: the study's student, as its file names it.
    """
    kinds = {name.partition(" in ")[0]: sha256 for name, sha256 in sources.items()}
    files = {
        name.removeprefix(f"{STUDENT} in {student}/"): sha256
        for name, sha256 in sources.items()
        if name.startswith(f"{STUDENT} in {student}/")
    }
    whole = hash_of_files(files) if files else kinds.get(STUDENT, "")
    return {
        "contexts": kinds.get(DRAWN) or kinds.get(CONTEXTS, ""),
        "search_problems": kinds.get(SEARCH_PROBLEMS, ""),
        "sealed_problems": kinds.get(SEALED_PROBLEMS, ""),
        "student": whole,
    }


def _sources(settings: StudySettings, materials: Materials) -> Iterator[tuple[str, str]]:
    now, contexts, problems = (
        contexts_hash(materials.contexts),
        settings.contexts,
        settings.problems,
    )
    yield f"{CONTEXTS} in {contexts.path}", materials.contexts_sha256 or now
    if contexts.drawn_inputs:
        yield f"{DRAWN} in {contexts.path}", now
    shown = {name for names in settings.recipe.demo_sets.values() for name in names}
    if shown:
        demos = {name: {**asdict(materials.demos[name])} for name in sorted(shown)}
        yield f"{DEMOS} in {settings.recipe.demos}", fingerprint({**demos})
    yield f"{SEARCH_PROBLEMS} in {problems.search}", problems_hash(materials.search_problems)
    yield f"{SEALED_PROBLEMS} in {problems.sealed}", problems_hash(materials.sealed_problems)
    yield from _model(STUDENT, settings.student, student_path(settings.student))
    models = {GENERATOR: settings.generator.model}
    if settings.judge is not None:
        models[JUDGE] = settings.judge.lm.model
    for role, model in models.items():
        if is_local(model):
            yield from _model(role, model, local_path(model))
        else:
            yield role, model


def _model(role: str, model: str, path: str) -> Iterator[tuple[str, str]]:
    """Its files one by one; a hub id is named by its commit."""
    if Path(path).is_dir():
        for name, sha256 in model_files(Path(path)).items():
            yield f"{role} in {model}/{name}", sha256
    else:
        yield role, model_hash(path)
