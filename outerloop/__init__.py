"""Outerloop from Python: the names that a program of one's own needs; docs/python.md shows each.

Nothing is imported before it is used, so `import outerloop` is quick and brings no torch and no
Ray. The command line, `outerloop`, does the same things and is `search.cli`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluators.evaluation import Evaluation
    from evaluators.settings import EvaluationSettings
    from lean_sandbox.pool import LeanPool
    from lean_sandbox.sandbox import CheckRequest
    from lean_sandbox.verdict import Verdict
    from outerloop._errors import OuterloopError
    from outerloop._evaluation import evaluate
    from outerloop._lean import check_lean
    from outerloop._pipeline import generate, load_pipeline
    from outerloop._search import load_study, read_run, run_search
    from search.offline.dataset import Counts
    from search.offline.pipeline import Pipeline
    from search.report.run_view import RunView
    from search.settings.lean import LeanSettings
    from search.settings.study import StudySettings

__all__ = [
    "CheckRequest",
    "Counts",
    "Evaluation",
    "EvaluationSettings",
    "LeanPool",
    "LeanSettings",
    "OuterloopError",
    "Pipeline",
    "RunView",
    "StudySettings",
    "Verdict",
    "check_lean",
    "evaluate",
    "generate",
    "load_pipeline",
    "load_study",
    "read_run",
    "run_search",
]

_STANDS_IN = {
    "CheckRequest": "lean_sandbox.sandbox",
    "Counts": "search.offline.dataset",
    "Evaluation": "evaluators.evaluation",
    "EvaluationSettings": "evaluators.settings",
    "LeanPool": "lean_sandbox.pool",
    "LeanSettings": "search.settings.lean",
    "OuterloopError": "outerloop._errors",
    "Pipeline": "search.offline.pipeline",
    "RunView": "search.report.run_view",
    "StudySettings": "search.settings.study",
    "Verdict": "lean_sandbox.verdict",
    "check_lean": "outerloop._lean",
    "evaluate": "outerloop._evaluation",
    "generate": "outerloop._pipeline",
    "load_pipeline": "outerloop._pipeline",
    "load_study": "outerloop._search",
    "read_run": "outerloop._search",
    "run_search": "outerloop._search",
}
"""The module of each name, for Python; the imports above say the same to a type checker."""

if not TYPE_CHECKING:  # a checker that saw this would take every name for one that exists

    def __getattr__(name: str) -> object:
        """A name of `__all__`, imported when it is first used."""
        if name not in _STANDS_IN:
            raise AttributeError(f"outerloop has no `{name}`; it has {', '.join(__all__)}")
        value = globals()[name] = getattr(import_module(_STANDS_IN[name]), name)
        return value


def __dir__() -> list[str]:
    return list(__all__)
