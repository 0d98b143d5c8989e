"""Many calls at a time, until one of them ends them all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def side_by_side(
    ask: Callable[[Job], Result], jobs: Sequence[Job], *, at_once: int
) -> list[Result]:
    """What came of each job, in their order; each runs in a copy of the caller's context.

    Once one has failed none is begun, and its error is raised when those in flight have ended.
    """
    failed = threading.Event()
    errors: list[BaseException] = []

    def run(job: Job) -> Result:
        if failed.is_set():
            raise CancelledError
        try:
            return ask(job)
        except BaseException as error:
            errors.append(error)
            failed.set()
            raise

    with ThreadPoolExecutor(at_once) as pool:
        asked = [pool.submit(copy_context().run, run, job) for job in jobs]
        try:
            wait(asked)
        except BaseException:  # somebody wants to stop
            failed.set()
            raise
    if errors:
        raise errors[0]
    return [one.result() for one in asked]
