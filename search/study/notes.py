"""What a study notes for machines, kept where no dashboard shows it.

Numbers for a person are Optuna's user attributes, which its dashboard tabulates. What is JSON goes
to the system attributes, under a prefix of our own.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial

from search.study.lease import LEASE_NOTE

PREFIX = "outerloop:"
"""What the name of every note begins with in the storage."""


def note_in_study(study: optuna.Study, name: str, value: Any) -> None:  # noqa: ANN401 - JSON
    """Remember a fact of the whole study."""
    study._storage.set_study_system_attr(study._study_id, PREFIX + name, value)


def noted_in_study(study: optuna.Study) -> dict[str, Any]:
    """The facts of the whole study, by name."""
    return _ours(study._storage.get_study_system_attrs(study._study_id))


def note_in_trial(trial: optuna.Trial, name: str, text: str) -> None:
    """Remember a fact of one trial, which must not have ended."""
    trial.storage.set_trial_system_attr(trial._trial_id, PREFIX + name, text)


def noted_in_trial(trial: FrozenTrial) -> dict[str, Any]:
    """The facts of one trial, by name."""
    return _ours(trial.system_attrs)


def name_the_score(study: optuna.Study) -> None:
    """Say what the trials' values are: the dashboard's axes are named by it."""
    if study.metric_names is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names(["score"])


def _ours(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix(PREFIX): value
        for name, value in attributes.items()
        if name.startswith(PREFIX)
    }


class StudyBoard:
    """A lease among a study's own facts, wherever the study lives."""

    def __init__(self, study: optuna.Study) -> None:
        self._study = study

    def read(self) -> str:
        """See `search.study.lease.Board`."""
        return str(noted_in_study(self._study).get(LEASE_NOTE) or "")

    def write(self, text: str) -> None:
        """See `search.study.lease.Board`."""
        note_in_study(self._study, LEASE_NOTE, text)
