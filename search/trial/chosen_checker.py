"""What checks a study's candidates and answers: its task's checker, for Eng2Lean a chosen Lean."""

from __future__ import annotations

from contextlib import AbstractContextManager

from evaluators.task import Checker
from evaluators.tasks import DEFAULT, task_named
from search.settings.lean import LeanSettings
from search.trial import chosen_lean


def open_checker(
    task: str, lean: LeanSettings, *, workers: int, timeout_seconds: float = 20.0
) -> AbstractContextManager[Checker]:
    """The checker of a task, started when it is entered or first asked.

    Args:
        task: by name, as a study file has it.
        lean: which Lean, where the task asks one.
        workers: processes side by side.
        timeout_seconds: wall clock for one request.
    """
    if task == DEFAULT:
        return chosen_lean.open_lean(lean, workers=workers, timeout_seconds=timeout_seconds)
    return task_named(task).checker(workers=workers, timeout_seconds=timeout_seconds)


def checked_by(task: str, lean: LeanSettings) -> str:
    """The fingerprint of what checks: all that a finding depends on besides its request.

    Raises:
        SandboxUnavailable: it is Lean, and is not there.
    """
    return chosen_lean.checked_by(lean) if task == DEFAULT else task_named(task).version


def require_checker(task: str, lean: LeanSettings) -> str:
    """Check that what checks is there, without starting it; what was checked, for a person.

    Raises:
        SandboxUnavailable: it is Lean, and is not installed, not whole, or does not answer.
        TaskUnknown: there is no such task.
    """
    if task == DEFAULT:
        return chosen_lean.require_lean(lean)
    named = task_named(task)
    return f"checked     task: {named.name} {named.version}; its checker was not started"
