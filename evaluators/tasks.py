"""The final tasks by name."""

from __future__ import annotations

import importlib
from functools import cache
from typing import cast

from evaluators.errors import TaskUnknown
from evaluators.task import Task

DEFAULT = "eng2lean"
"""What a study is about that names nothing else."""


@cache
def task_named(name: str) -> Task:
    """The task of a name: `eng2lean`, or `package.module:NAME` for one of your own.

    Raises:
        TaskUnknown: there is none; the message says what was looked for.
    """
    if name == DEFAULT:
        from evaluators.eng2lean.task import Eng2Lean

        return Eng2Lean()
    module, _, attribute = name.partition(":")
    if not attribute:
        raise TaskUnknown(f"no task `{name}`; there is {DEFAULT}, or give package.module:NAME")
    try:
        return cast("Task", getattr(importlib.import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise TaskUnknown(
            f"task `{name}` cannot be imported ({error}); put its package on PYTHONPATH"
        ) from error
