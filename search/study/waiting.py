"""A study's storage that may be gone for a while: the search waits for it and goes on.

A database that is restarted, a locked file or a full disk costs a running search nothing but time.
What people get wrong: an operation whose answer was lost may have been done. Each is therefore one
that can be asked for twice: a trial that was made without anybody hearing of it is found running
and adopted, and ending a trial that has ended as it was to end counts as ending it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Sequence
from typing import Any, ParamSpec, TypeVar

from optuna import storages
from optuna._typing import JSONSerializable
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from engines import environment
from engines.errors import first_line
from search.errors import StudyError

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_PAUSE_SECONDS = 5.0
_GONE = (OperationalError, InterfaceError, PoolTimeout, PendingRollbackError, OSError)
"""A rollback is pending where a connection broke off and the same transaction was asked again, as
Optuna does."""


class Patience:
    """How long to wait for a storage, and whom to tell that it is waited for.

    Args:
        seconds: longest wait for one operation.
        say: told one line when waiting begins and one when it is over; called from any thread.
    """

    def __init__(self, seconds: float, say: Callable[[str], None]) -> None:
        self.seconds = seconds
        self._say = say
        self._lock = threading.Lock()
        self._since: float | None = None

    def through(
        self,
        operation: Callable[P, R],
        reconnect: Callable[[], None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """What an operation gives, however often the storage is gone meanwhile.

        Raises:
            StudyError: it did not come back in time.
        """

        def before_another(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self._begin(error)
            reconnect()

        attempts = Retrying(
            retry=retry_if_exception(is_gone),
            wait=wait_random_exponential(0.1, max=_LONGEST_PAUSE_SECONDS),
            stop=stop_after_delay(self.seconds),
            before_sleep=before_another,
            reraise=True,
        )
        try:
            answer = attempts(operation, *args, **kwargs)
        except Exception as error:
            if not is_gone(error):
                raise
            raise StudyError(
                f"the study's storage did not answer for {self.seconds:.0f} s "
                f"({reason_of(error)}); nothing is lost: bring it back and run again with --resume"
            ) from error
        self._end()
        return answer

    def _begin(self, error: BaseException | None) -> None:
        with self._lock:
            if self._since is not None:
                return
            self._since = time.monotonic()
        why = reason_of(error) if error else "no reason given"
        self._say(
            f"waiting     the study's storage does not answer ({why}); "
            f"for up to {self.seconds:.0f} s"
        )

    def _end(self) -> None:
        if self._since is None:  # the usual case takes no lock
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            seconds = time.monotonic() - since
            self._say(f"going on    the storage answers again after {seconds:.0f} s")


def is_gone(error: BaseException) -> bool:
    """Whether an error says that the storage cannot be reached or written now."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, _GONE):
            return True
        if isinstance(found, DBAPIError) and found.connection_invalidated:
            return True
        found = found.__cause__
    return False


def reason_of(error: BaseException) -> str:
    """The innermost error of a chain in one line; drivers put the reason there."""
    while (before := _came_from(error)) is not None:
        error = before
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    return environment.struck(first_line(str(error))) if str(error) else type(error).__name__


def _came_from(error: BaseException) -> BaseException | None:
    """What an error was raised from; SQLAlchemy does not say what a rollback is pending after."""
    if isinstance(error, PendingRollbackError):
        return error.__context__
    return error.__cause__


def patient(storage: storages.BaseStorage, patience: Patience) -> storages.BaseStorage:
    """The storage, waited for whenever it is gone."""
    return _Waiting(storage, patience)


def release(storage: storages.BaseStorage) -> None:
    """Close a storage's connections; it opens new ones when it is asked again."""
    inner: object = storage
    for wrapper in ("_storage", "_backend"):  # ours, then Optuna's cache
        inner = vars(inner).get(wrapper, inner)
    if isinstance(inner, storages.RDBStorage):
        inner.scoped_session.remove()
        inner.engine.dispose()


class _Waiting(storages.BaseStorage):
    """Any storage of Optuna's; every method does what `BaseStorage` says, when it can."""

    def __init__(self, storage: storages.BaseStorage, patience: Patience) -> None:
        self._storage = storage
        self._patience = patience

    def _wait(self, operation: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return self._patience.through(operation, self._reconnect, *args, **kwargs)

    def _reconnect(self) -> None:
        """Forget connections: a file may be another now, a server may have restarted."""
        release(self._storage)

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        return self._wait(self._storage.create_new_study, directions, study_name)

    def delete_study(self, study_id: int) -> None:
        self._wait(self._storage.delete_study, study_id)

    def set_study_user_attr(self, study_id: int, key: str, value: object) -> None:
        self._wait(self._storage.set_study_user_attr, study_id, key, value)

    def set_study_system_attr(self, study_id: int, key: str, value: JSONSerializable) -> None:
        self._wait(self._storage.set_study_system_attr, study_id, key, value)

    def get_study_id_from_name(self, study_name: str) -> int:
        return self._wait(self._storage.get_study_id_from_name, study_name)

    def get_study_name_from_id(self, study_id: int) -> str:
        return self._wait(self._storage.get_study_name_from_id, study_id)

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return self._wait(self._storage.get_study_directions, study_id)

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return self._wait(self._storage.get_study_user_attrs, study_id)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self._wait(self._storage.get_study_system_attrs, study_id)

    def get_all_studies(self) -> list[Any]:
        return self._wait(self._storage.get_all_studies)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        return self._wait(self._storage.create_new_trial, study_id, template_trial)

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        set_it = self._storage.set_trial_param
        self._wait(set_it, trial_id, param_name, param_value_internal, distribution)

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        find = self._storage.get_trial_id_from_study_id_trial_number
        return self._wait(find, study_id, trial_number)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        asked = 0

        def ask() -> bool:
            nonlocal asked
            asked += 1
            return self._storage.set_trial_state_values(trial_id, state, values)

        try:
            return self._wait(ask)
        except UpdateFinishedTrialError:
            if asked > 1 and self.get_trial(trial_id).state is state:
                return True  # the first time it was done, and only the answer was lost
            raise

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        set_it = self._storage.set_trial_intermediate_value
        self._wait(set_it, trial_id, step, intermediate_value)

    def set_trial_user_attr(self, trial_id: int, key: str, value: object) -> None:
        self._wait(self._storage.set_trial_user_attr, trial_id, key, value)

    def set_trial_system_attr(self, trial_id: int, key: str, value: JSONSerializable) -> None:
        self._wait(self._storage.set_trial_system_attr, trial_id, key, value)

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._wait(self._storage.get_trial, trial_id)

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        return self._wait(self._storage.get_all_trials, study_id, deepcopy, states)

    def remove_session(self) -> None:
        self._storage.remove_session()
