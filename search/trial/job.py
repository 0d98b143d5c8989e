"""What a worker needs to run any trial of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.budget import Purse
from evaluators.task import Checker, Demo
from search.settings.study import StudySettings
from search.trial.machines import Parts
from search.trial.plan import TrialPlan


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to run any trial of a study."""

    settings: StudySettings
    parts: Parts
    plan: TrialPlan
    demos: Mapping[str, Demo]
    stages: Path
    checker: Checker
    identity: str = ""
    """The study's, so that a trial knows again what an earlier attempt of it has paid for."""
    purse: Purse | None = None
    """What trials spend from; None where nothing is limited."""
