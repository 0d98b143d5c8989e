"""Trials as a study remembers them, read where they lie.

One of the files for Optuna; see `search.study.study`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import optuna
from optuna.exceptions import OptunaError
from optuna.trial import FrozenTrial, TrialState
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from engines.errors import first_line
from engines.json_text import read_json
from engines.ledger import StageCost
from evaluators.task import Demo
from search.errors import StudyError, StudyNotFound
from search.recipes.pool import PoolArm, all_arms
from search.recipes.space import Parameters
from search.settings.storage_address import Database, Place
from search.study.notes import noted_in_study, noted_in_trial
from search.study.pruner import decisions_of
from search.study.storage import has_tables, open_to_read, refuse_unreachable
from search.study.waiting import release
from search.trial.outcome import TrialOutcome
from search.trial.rung_rules import RungDecision

OUTCOME = TypeAdapter(TrialOutcome)
COSTS = TypeAdapter(tuple[StageCost, ...])
REPEATS = "repeats"
"""The fact of how often a tried recipe was drawn again."""
SOURCES, VERSIONS = "made_from", "made_with"
"""The study's notes of the hashes it was made from and of the versions of libraries."""
SHOWN: TypeAdapter[tuple[Demo, ...] | None] = TypeAdapter(tuple[Demo, ...] | None)
_PARTICULARS = re.compile(r"\([^()]*\)|\d[\d.,]*")


class State(StrEnum):
    """Where a trial stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    """Stopped at a rung; it has no score."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One trial as the study remembers it."""

    number: int
    state: State
    parameters: Parameters
    outcome: TrialOutcome | None
    """None unless the trial is complete."""
    error: str
    """Why it failed; empty unless it did."""
    costs: tuple[StageCost, ...]
    candidates: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """Candidates refused, by reason."""
    rungs: Mapping[int, float] = field(default_factory=dict)
    """What was reported at each rung, by its step; empty where there are none."""
    decisions: Mapping[int, RungDecision] = field(default_factory=dict)
    """What was decided at each rung, by its step."""
    shown: tuple[Demo, ...] | None = None
    """The demos it showed, where its demo set was proposed during the study; None where the study
    file has them."""
    began: float | None = None
    """When it was proposed, in seconds since 1970 by the driver's clock."""
    ended: float | None = None
    """When it ended; None while it runs."""


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study as it lies in its file, for whoever only looks."""

    name: str
    settings: Mapping[str, object]
    """What it was made from, by dotted name; empty where that was never noted."""
    records: tuple[TrialRecord, ...]
    arms: Mapping[str, tuple[PoolArm, ...]] = field(default_factory=dict)
    """The arms that came while it ran, by parameter."""
    identity: str = ""
    """Names the study and no other; empty where no driver asked for it yet."""
    repeats: int = 0
    """How often a tried recipe was drawn again, and another proposed in its place."""
    made_from: Mapping[str, str] = field(default_factory=dict)
    """Hashes of what its scores depend on beside its file; empty where that was never noted."""
    made_with: Mapping[str, str] = field(default_factory=dict)
    """Versions of the libraries that it ran with last."""


def read_records(place: Place, name: str) -> list[TrialRecord]:
    """The trials of a study that somebody else may be writing.

    Raises:
        StudyNotFound: there is no such file, or no such study in it.
        StudyError: the database cannot be reached.
    """
    try:
        with _looking(place) as storage:
            return _records(optuna.load_study(study_name=name, storage=storage))
    except (KeyError, optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
        refuse_unreachable(place, error)
        raise StudyNotFound(f"{place}: holds no study `{name}`") from error


def read_study(place: Place) -> StoredStudy:
    """The one study of a file, or the one meant in a database; somebody else may be writing it.

    Raises:
        StudyNotFound: there is no such file, it holds no study, or it cannot be understood.
        StudyError: the database cannot be reached.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = place.study if isinstance(place, Database) else None
    try:
        with _looking(place) as storage:
            study = optuna.load_study(study_name=name, storage=storage)
            facts = noted_in_study(study)
            settings = read_json(facts.get("settings", "{}"))
            return StoredStudy(
                study.study_name,
                settings,
                tuple(_records(study)),
                all_arms(facts),
                str(facts.get("identity", "")),
                repeats=int(facts.get(REPEATS, 0)),
                made_from=dict(facts.get(SOURCES) or {}),
                made_with=dict(facts.get(VERSIONS) or {}),
            )
    except (ValueError, KeyError, RuntimeError, OptunaError, SQLAlchemyError) as error:
        refuse_unreachable(place, error)
        raise StudyNotFound(
            f"{place}: no study that can be read; it is damaged, empty or another version's "
            f"({type(error).__name__}: {first_line(str(error))})"
        ) from error


def _records(study: optuna.Study) -> list[TrialRecord]:
    trials = study.get_trials(deepcopy=False)
    return [record_of(trial) for trial in trials if trial.state is not TrialState.WAITING]


@contextmanager
def _looking(place: Place) -> Iterator[optuna.storages.BaseStorage]:
    """A storage to read from, whose connections are closed again.

    Raises:
        StudyNotFound: there is no such file, or nothing in the database.
    """
    there = has_tables(place) if isinstance(place, Database) else place.exists()
    if not there:
        raise StudyNotFound(f"{place}: no study there; run `outerloop search` first")
    storage = open_to_read(place)
    try:
        yield storage
    finally:
        release(storage)


def understood(trial: FrozenTrial, *, of: str) -> TrialRecord:
    """A trial of a storage that this version may not have written.

    Raises:
        StudyError: it cannot be read.
    """
    try:
        return record_of(trial)
    except (ValueError, TypeError, KeyError) as error:
        raise StudyError(
            f"{of}: trial {trial.number} cannot be read; another version wrote it, or it is "
            f"damaged ({first_line(str(error))}); use that version, or start anew with another "
            "--run-dir"
        ) from error


def record_of(trial: FrozenTrial) -> TrialRecord:
    """A trial of the storage as ours."""
    states = {
        TrialState.COMPLETE: State.COMPLETE,
        TrialState.FAIL: State.FAILED,
        TrialState.PRUNED: State.PRUNED,
    }
    state = states.get(trial.state, State.RUNNING)
    notes = noted_in_trial(trial)
    outcome, costs = notes.get("outcome"), notes.get("costs")
    return TrialRecord(
        number=trial.number,
        state=state,
        parameters={**trial.params, **read_json(notes.get("pooled", "{}"))},
        outcome=OUTCOME.validate_json(outcome) if outcome and state is State.COMPLETE else None,
        error=str(trial.user_attrs.get("error", "")) if state is State.FAILED else "",
        costs=COSTS.validate_json(costs) if costs else (),
        candidates=int(trial.user_attrs.get("candidates", 0)),
        refused=read_json(notes.get("refused", "{}")),
        rungs=dict(trial.intermediate_values),
        decisions=decisions_of(trial),
        shown=SHOWN.validate_json(notes.get("shown", "null")),
        began=trial.datetime_start.timestamp() if trial.datetime_start else None,
        ended=trial.datetime_complete.timestamp() if trial.datetime_complete else None,
    )


def score_of(record: TrialRecord) -> float:
    """The score of a trial that has one."""
    assert record.outcome is not None
    return record.outcome.score.value


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no score, and what its candidates were refused for if that is why."""

    error: str
    candidates: int = 0
    refused: dict[str, int] = field(default_factory=dict)


def kind_of(reason: str) -> str:
    """A reason without its particulars: alike for failures that ask for the same mending."""
    return " ".join(_PARTICULARS.sub("…", reason).split())


def failure_counts(records: Sequence[TrialRecord]) -> list[tuple[str, int]]:
    """Why trials failed, the commonest first: the first trial's words, and how many trials."""
    words: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for one in records:
        if one.state is State.FAILED:
            reason = first_line(one.error)
            words.setdefault(kind_of(reason), reason)
            counts[kind_of(reason)] += 1
    return [(words[kind], count) for kind, count in counts.most_common()]
