"""Everything that would stop every trial and can be known before the first token is paid for.

A dry run and the start of a search ask the same. Models are opened as far as that costs neither
money nor memory for their weights; what was not tried is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from engines import environment
from engines.named_models import PREFIX
from engines.prices import is_local
from engines.reach import require_reachable
from engines.settings import GeneratorSettings
from engines.weights import local_path
from search.errors import StudyError
from search.materials.gathering import student_path
from search.settings.study import StudySettings
from search.trial.chosen_checker import require_checker


def require_machines(settings: StudySettings) -> tuple[str, ...]:
    """Check Lean, the student and every language model; what was checked, for a person.

    Raises:
        SandboxUnavailable: the study's Lean is not installed, not whole, or does not answer.
        StudyError: the student or a local model is not there, or cannot be loaded.
        ModelUnavailable: an endpoint cannot be reached, or serves no such model.
    """
    return tuple(_checks(settings))


def _checks(settings: StudySettings) -> Iterator[str]:
    from engines.model_facts import facts_of

    yield require_checker(settings.task, settings.resources.lean)
    models = {
        "generator": settings.generator,
        "judge.lm": settings.judge.lm if settings.judge else None,
        "proposals.lm": settings.proposals.lm if settings.recipe.growing else None,
    }
    for setting, model in models.items():
        name = model.api_key_env if model else None
        if name and environment.key(name) is None:
            raise StudyError(f"{setting}.api_key_env names {name}, which is not set; export it")
    for setting, model in models.items():
        if model is not None:
            yield _model(model, setting)
    student = student_path(settings.student)
    yield _loadable(f"student {settings.student}", student)
    facts_of(student, wanted=settings.training.prompt_form)


def _model(settings: GeneratorSettings, setting: str) -> str:
    if not is_local(settings.model):
        return require_reachable(settings, setting=setting)
    try:
        path = local_path(settings.model)
    except KeyError as error:
        raise StudyError(f"{setting}.model: {error.args[0]}") from error
    return _loadable(f"{setting} {settings.model}", path, chats=True)


def _loadable(who: str, model: str, *, chats: bool = False) -> str:
    from engines.errors import ModelUnusable
    from trainers.errors import TrainingError
    from trainers.model_check import require_loadable

    try:
        checked = require_loadable(model, chats=chats)
    except (TrainingError, ModelUnusable) as error:
        raise StudyError(
            f"{who} {error}; or give another folder, a hub id that can be reached, or `{PREFIX}…`"
        ) from error
    if checked.weights_here:
        return (
            f"checked     {who}: configuration, tokenizer and {checked.parameters:,} weights fit "
            "together; nothing was written with it"
        )
    return (
        f"not tried   {who}: configuration and tokenizer fit together; its "
        f"{checked.parameters:,} weights are still to be fetched"
    )
