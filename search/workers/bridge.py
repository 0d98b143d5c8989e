"""Tune's trials on one side, the study's on the other.

Knows no Tune: it is asked for trials, told of what they report, and tells the study. What the
study raises is kept here until somebody asks, because Tune would take it for a fault of the trial
and begin the trial again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter

from engines.ledger import StageCost
from search.recipes.space import Parameters
from search.settings.study import SearchSettings
from search.study.records import SHOWN, Failure, State, TrialRecord
from search.study.study import SearchStudy
from search.trial.outcome import TrialOutcome
from search.trial.rung_rules import RungDecision

OUTCOME = TypeAdapter(TrialOutcome)
FAILURE = TypeAdapter(Failure)
LINE = TypeAdapter(StageCost)
LINES = TypeAdapter(tuple[StageCost, ...])

ENOUGH: Literal["enough"] = "enough"
"""There will be no more trials."""


class Watcher(Protocol):
    """Told of what happens, in the driver, as it happens. It must not block."""

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        """A trial was handed to a worker."""
        ...

    def stage(self, number: int, line: StageCost) -> None:
        """A stage of a trial ended."""
        ...

    def rung(self, number: int, decision: RungDecision) -> None:
        """A trial came to a rung; whether it goes on from there."""
        ...

    def finished(self, record: TrialRecord) -> None:
        """A trial ended, with a score or without."""
        ...

    def again(self, number: int) -> None:
        """A trial lost its process or its node and is begun again; finished stages are read."""
        ...

    def notice(self, number: int, text: str) -> None:
        """Something a person should hear came up in a trial, such as a pause."""
        ...

    def stopped(self, number: int, reason: str) -> None:
        """Neither budget nor disk allow what a trial would do next; it stays unfinished."""
        ...


class Bridge:
    """Tune's trial ids on one side, the study's numbers on the other."""

    def __init__(
        self,
        study: SearchStudy,
        watcher: Watcher,
        *,
        ready: Callable[[], bool],
        search: SearchSettings,
        ahead: int = 0,
    ) -> None:
        self._study = study
        self._watcher = watcher
        self._ready = ready
        self._trials = search.trials
        self._max_failed = search.max_failed_trials
        self._numbers: dict[str, int] = {}
        self._lines: dict[str, dict[tuple[str, str], StageCost]] = {}
        self._pruned: set[str] = set()
        self._ahead = list(range(ahead))
        self._helpers: set[str] = set()
        self._broken: Exception | None = None
        self.stopped = ""
        self.reasons: dict[str, str] = {}

    def __getstate__(self) -> dict[str, object]:
        """Nothing: Tune writes itself down for a restore that never happens here."""
        return {}

    @contextmanager
    def _study_open(self) -> Iterator[None]:
        """Keep what the study raises: Tune would take it for a fault of the trial."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again where Tune lets it through
            self._broken = self._broken or error

    def require_study(self) -> None:
        """Check that the study could be told everything; asked where Tune lets errors through.

        Raises:
            StudyError: its storage did not come back, or another driver took it over.
            Exception: whatever else was raised while it was told something.
        """
        if self._broken is not None:
            raise self._broken

    def propose(self, tune_id: str) -> dict[str, Any] | Literal["enough"] | None:
        """The next trial's configuration, or `ENOUGH`.

        None means "ask again": while trials run, one of them may fail and need replacing; and
        what the next one could try may be about to come.
        """
        with self._study_open():
            return self._proposed(tune_id)
        return None

    def _proposed(self, tune_id: str) -> dict[str, Any] | Literal["enough"] | None:
        if self._enough():
            return self._work_ahead(tune_id) if self._numbers else ENOUGH
        if not self._ready():
            return None
        proposal = self._study.propose()
        self._numbers[tune_id] = proposal.number
        self._watcher.started(proposal.number, proposal.parameters, adopted=proposal.adopted)
        return {
            "number": proposal.number,
            "parameters": dict(proposal.parameters),
            "shown": SHOWN.dump_json(proposal.shown).decode(),
        }

    def _work_ahead(self, tune_id: str) -> dict[str, Any] | None:
        """What the final comparison needs, for a slot that the last trials leave idle."""
        if not self._ahead or self._gives_up(self._study.records()):
            return None
        self._helpers.add(tune_id)
        return {"ahead": self._ahead.pop(0)}

    def told(self, tune_id: str, result: Mapping[str, Any]) -> None:
        """Pass a stage's end, or a notice, on to whoever watches."""
        if "notice" in result and tune_id not in self._helpers:
            self._watcher.notice(self._numbers[tune_id], str(result["notice"]))
        if "line" in result and tune_id not in self._helpers:
            line = LINE.validate_json(result["line"])
            self._lines.setdefault(tune_id, {})[line.stage, line.key] = line
            self._watcher.stage(self._numbers[tune_id], line)

    def again(self, tune_id: str) -> None:
        """Pass on that a trial is begun again."""
        if tune_id in self._numbers:
            self._watcher.again(self._numbers[tune_id])

    def goes_on(self, tune_id: str, result: Mapping[str, Any]) -> bool:
        """Whether a trial goes on after what it reported; at a rung, the study decides."""
        if "rung" not in result:
            return True
        number = self._numbers[tune_id]
        with self._study_open():
            decision = self._study.rung(number, int(result["rung"]), float(result["value"]))
            self._watcher.rung(number, decision)
            if not decision.goes_on:
                self._pruned.add(tune_id)
            return decision.goes_on
        return True

    def ended(self, tune_id: str, result: Mapping[str, Any] | None) -> None:
        """Tell the study how a trial ended; without a result, its worker died."""
        if tune_id in self._helpers:
            self._helpers.remove(tune_id)
        elif self._broken is None:
            with self._study_open():
                self._ended(tune_id, result)

    def _ended(self, tune_id: str, result: Mapping[str, Any] | None) -> None:
        number = self._numbers.pop(tune_id)
        told = tuple(self._lines.pop(tune_id, {}).values())  # all there is of a dead worker
        lines = LINES.validate_json(result["lines"]) if result and "lines" in result else told
        if result and result.get("stopped"):
            self.stopped = str(result["stopped"])
            self._watcher.stopped(number, self.stopped)
            return
        if tune_id in self._pruned:
            self._study.prune(number, lines)
        elif result and result.get("outcome"):
            self._study.complete(number, OUTCOME.validate_json(result["outcome"]), lines)
        else:
            failure = Failure(f"worker: {self.reasons.get(tune_id, 'its process died')}")
            if result and result.get("failure"):
                failure = FAILURE.validate_json(result["failure"])
            self._study.fail(number, failure, lines)
        self._watcher.finished(self._study.record(number))
        if not self._enough():
            self._ready()  # what this trial taught may be asked for before the next one

    def _enough(self) -> bool:
        mine = set(self._numbers.values())
        records = self._study.records()
        if self._gives_up(records):
            return True
        orphans = any(one.state is State.RUNNING and one.number not in mine for one in records)
        if orphans:
            return False
        return len(records) - _failures(records) >= self._trials or self._study.exhausted

    def _gives_up(self, records: Sequence[TrialRecord]) -> bool:
        """Whether no trial is to be begun although scores are missing."""
        return bool(self.stopped) or _failures(records) > self._max_failed


def _failures(records: Sequence[TrialRecord]) -> int:
    return sum(one.state is State.FAILED for one in records)
