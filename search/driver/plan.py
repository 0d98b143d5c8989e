"""One search to be run, and what a resumed one may change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from search.settings.study import StudySettings
from search.trial.machines import Parts

MAY_CHANGE = frozenset(
    {
        "search.",
        "resources.",
        "generator.api_base",
        "generator.api_key_env",
        "generator.concurrent_calls",
        "generator.timeout_seconds",
        "generator.retries",
        "generator.longest_pause_seconds",
        "generator.price",
        "budget.",
        "problems.leaks",
        "tracking.",
        "proposals.",
        "recipe.additions",
        "judge.lm.api_base",
        "judge.lm.api_key_env",
        "judge.lm.concurrent_calls",
        "judge.lm.timeout_seconds",
        "judge.lm.retries",
        "judge.lm.longest_pause_seconds",
        "judge.lm.price",
    }
)
"""Settings that a resumed study may change: no score depends on them."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search to be run.

    Attributes:
        settings: the study.
        study_text: the study file as it was given.
        run_dir: the run folder.
        stages_dir: the stage store; None keeps it in the run folder.
        resume: whether a study that is there is gone on with.
        parts: how the machines are made.
    """

    settings: StudySettings
    study_text: str
    run_dir: Path
    stages_dir: Path | None = None
    resume: bool = False
    parts: Parts | None = None
