"""Everything that can go wrong in the search, as a tree.

    SearchError                     one line for a person: the rule, the values, the way out
    ├── StudyError                  the study cannot start or go on; raised before the first token
    │   ├── SettingsError           the study file: unknown key, wrong type or unit, bad value
    │   ├── RowsError               a contexts, problems or demos file
    │   ├── StudyExists             a study of that name is there and `--resume` was not given
    │   ├── StudyChanged            the study there was made from other settings
    │   ├── StudyInUse              another live driver runs it
    │   ├── StudyNotFound           there is no study where one was named
    │   ├── StudyStopped            the budget is spent; raise it and --resume
    │   └── NoTrialFinished         every trial failed; the commonest reason, once
    ├── TrialError                  this trial cannot go on: FAILED, and the sampler sees no number
    │   └── TooFewExamples          the filter left too little to train on
    ├── PipelineError               a frozen pipeline is not there, damaged or another version's
    ├── TrialStopped                this trial cannot go on now: it waits for --resume
    │   ├── BudgetSpent             what would be sent next does not fit the caps; it was not sent
    │   ├── EndpointExhausted       a model's endpoint wants no more requests for now
    │   └── DiskFull                there is no room for what a stage would write
    ├── LearnerLost                 the process that trains and evaluates died
    │   └── NodeLost                the node it ran on is gone; the trial is begun again elsewhere
    ├── GeneratorUnavailable        the generator's model cannot be loaded, reached or kept alive
    ├── PromptRefused               one prompt has no answer; others may have: a refused row
    ├── GenerateError               offline generation cannot start or go on
    ├── EvaluateError               `outerloop evaluate` cannot start or go on
    ├── TraceError                  a problem cannot be traced: unknown, sealed, never answered
    └── PortInUse                   the dashboard's port is taken

A failure is never a score: only `run_trial` makes scores, and it raises `TrialError` instead of
inventing one. Every error survives pickling, because Ray carries it between processes.
"""

from __future__ import annotations


class SearchError(Exception):
    """Base of every error of this package."""


class StudyError(SearchError):
    """The study cannot start or go on."""


class SettingsError(StudyError):
    """The study file says something it cannot mean; the message begins with `file:line:`."""


class RowsError(StudyError):
    """A contexts, problems or demos file is missing, empty or has a row that cannot be one."""


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


class TrialStopped(SearchError):
    """What stopped the trial is no fault of it: it stays unfinished and is gone on with later."""


class DiskFull(TrialStopped):
    """There is no room for what a stage would write."""




class EndpointExhausted(TrialStopped):
    """An endpoint asks for a long pause, or its limit or account is used up. Nothing is lost."""


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


class TraceError(SearchError):
    """A problem cannot be traced: unknown, sealed, or never answered."""


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


class LearnerLost(SearchError):
    """The process that trains and evaluates died, often for want of memory."""


class NodeLost(LearnerLost):
    """The node that a trial's process ran on is gone. No failure of the trial: it can go on."""




class PromptRefused(SearchError):
    """A model gave one prompt no answer that is of use; no fault of the others.

    Args:
        code: why, as one of the reasons of refused rows.
        words: what was said, in one line.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words

    def __str__(self) -> str:
        """The reason and the words in one line."""
        return f"{self.code}: {self.words}"


