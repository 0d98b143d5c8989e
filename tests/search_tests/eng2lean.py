"""Eng2Lean, as most tests of the search use it."""

from __future__ import annotations

from evaluators.tasks import DEFAULT, task_named

TASK = task_named(DEFAULT)
