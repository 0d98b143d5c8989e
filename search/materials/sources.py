"""Everything outside the study file that a study's scores depend on, each by its hash.

A study remembers these (`search.study.made_from`), so that files edited in place under a study do
not let old and new trials compete. The hashes are of what is read: an edit that no score can see,
such as one of a context that was not drawn, is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from engines.prices import is_local
from engines.weights import hash_of_files, local_path, model_files, model_hash
from search.materials.contexts import contexts_hash
from search.materials.gathering import Materials, student_path
from search.materials.problems import problems_hash
from search.settings.study import StudySettings
from stores.content import fingerprint

CONTEXTS, DRAWN, DEMOS = "contexts", "drawn inputs", "demos"
SEARCH_PROBLEMS, SEALED_PROBLEMS = "search problems", "sealed problems"
STUDENT, GENERATOR, JUDGE, LEAN = "student", "generator", "judge", "Lean"

_LIBRARIES = ("outerloop", "torch", "transformers", "tokenizers", "peft", "dspy")


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
