"""Everything that can go wrong in the search, as a tree.

    SearchError                     one line for a person: the rule, the values, the way out
    ├── StudyError                  the study cannot start or go on; raised before the first token
    │   ├── SettingsError           the study file: unknown key, wrong type or unit, bad value
    │   ├── StudyExists             a study of that name is there and `--resume` was not given
    │   ├── StudyChanged            the study there was made from other settings
    │   ├── StudyInUse              another live driver runs it
    │   ├── StudyNotFound           there is no study where one was named
    │   ├── StudyStopped            the budget is spent; raise it and --resume
    │   └── NoTrialFinished         every trial failed; the commonest reason, once
    ├── TrialError                  this trial cannot go on: FAILED, and the sampler sees no number
    │   └── TooFewExamples          the filter left too little to train on
    ├── PipelineError               a frozen pipeline is not there, damaged or another version's
    ├── DiskFull                    no room for what a stage would write; a `Stopped` as well
    ├── CheckerLost                 the process that checks died; it is no verdict on anything
    ├── LearnerLost                 the process that trains and evaluates died
    │   └── NodeLost                the node it ran on is gone; the trial is begun again elsewhere
    ├── GenerateError               offline generation cannot start or go on
    ├── EvaluateError               `outerloop evaluate` cannot start or go on
    ├── NoExplanation               a problem cannot be explained: unknown, sealed, never answered
    └── PortInUse                   the dashboard's port is taken

A failure is never a score: only `run_trial` makes scores, and it raises `TrialError` instead of
inventing one. Nor is an `engines.errors.Stopped`, which waits for --resume: the trial can go on.
Every error survives pickling, because Ray carries it between processes. `KNOWN` is what a person
is told in one line, of whichever package.
"""

from __future__ import annotations

from engines.errors import EnginesError, Stopped
from evaluators.errors import EvaluatorsError
from lean_sandbox.errors import LeanSandboxError
from stores.errors import StoresError
from trainers.errors import TrainersError


class SearchError(Exception):
    """Base of every error of this package."""


class StudyError(SearchError):
    """The study cannot start or go on."""


class SettingsError(StudyError):
    """The study file says something it cannot mean; the message begins with `file:line:`."""


class StudyExists(StudyError):
    """The run folder holds a study already and nobody asked to resume it."""


class StudyChanged(StudyError):
    """The run folder's study was made from settings that differ where scores depend on them."""


class StudyInUse(StudyError):
    """Another live process drives the study."""


class StudyNotFound(StudyError):
    """No study lives where one was named."""


class NoTrialFinished(StudyError):
    """No trial ended with a score, so there is nothing to compare or freeze."""


class StudyStopped(StudyError):
    """The study's budget is spent before the study is done; nothing is lost."""


class DiskFull(Stopped, SearchError):
    """There is no room for what a stage would write."""


class TrialError(SearchError):
    """One trial cannot go on; it becomes FAILED and the sampler sees no number.

    Args:
        stage: the stage that could not be finished: `generate`, `check`, `select`, `train` or
            `evaluate`.
        reason: what happened, in one line.
    """

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(stage, reason)
        self.stage = stage
        self.reason = reason

    def __str__(self) -> str:
        """The stage and the reason in one line."""
        return f"{self.stage}: {self.reason}"


class PipelineError(SearchError):
    """A frozen pipeline is not there, is damaged or was written by another version."""


class GenerateError(SearchError):
    """Offline generation with a pipeline cannot start or go on."""


class EvaluateError(SearchError):
    """`outerloop evaluate` cannot start or go on."""


class NoExplanation(SearchError):
    """A problem cannot be explained: unknown, sealed, or never answered."""


class PortInUse(SearchError):
    """A port somebody else listens on."""


class TooFewExamples(TrialError):
    """The filter left too little to train on.

    Args:
        reason: what happened, in one line.
        candidates: how many candidates there were.
        refused: how many of them were refused, by reason.
    """

    def __init__(self, reason: str, candidates: int, refused: dict[str, int]) -> None:
        super().__init__("select", reason)
        self.args = (reason, candidates, refused)  # what pickling calls this with
        self.candidates = candidates
        self.refused = refused


class CheckerLost(SearchError):
    """The process that checks died, or could not be started."""


class LearnerLost(SearchError):
    """The process that trains and evaluates died, often for want of memory."""


class NodeLost(LearnerLost):
    """The node that a trial's process ran on is gone. No failure of the trial: it can go on."""


KNOWN = (
    SearchError,
    EvaluatorsError,
    TrainersError,
    StoresError,
    EnginesError,
    LeanSandboxError,
)
"""Whatever can go wrong on purpose, from the top package to the lowest."""
