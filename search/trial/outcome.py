"""What a trial that reached its end found."""

from __future__ import annotations

from dataclasses import dataclass

from evaluators.proxies.proxy import Proxy
from evaluators.statistics.score import Score
from evaluators.task import Candidate, Checked
from search.trial.leaks import Leak


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What a trial that reached its end found."""

    score: Score
    passed: tuple[bool, ...]
    """Problem by problem, in the order of the file; of several attempts the first."""
    candidates: int
    examples: int
    validity: float | None
    """Share of candidates that Lean accepts as programs; a proxy, kept to be held against."""
    faithfulness: float | None
    """Share of candidates with known calls that agree with Python on all of them."""
    refused: dict[str, int]
    """Candidates refused, by reason."""
    compiled: float
    """Share of the student's answers that compile."""
    undecided: float
    """Share of the student's answers of which Lean can say neither yes nor no."""
    final_loss: float
    stages: dict[str, str]
    """The key of each stage in the store."""
    shares: tuple[float, ...] = ()
    """Share of each problem's attempts that passed; empty where it was not kept."""
    proxies: tuple[Proxy, ...] = ()
    """Every cheap signal, with its n and its cost; kept to be held against the score."""
    leaks: tuple[Leak, ...] = ()
    """Rows that gave a problem away, so that the student did not learn from them."""


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Rows of some of a plan's contexts that the same recipe and seed made before."""

    written: tuple[Candidate, ...] = ()
    """All attempts at each of these contexts."""
    checked: tuple[Checked, ...] = ()


NOTHING_KNOWN = KnownRows()
