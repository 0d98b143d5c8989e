"""What the rungs of a study did, in words: how well each ranked trials, and whom it stopped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from engines.ledger import spent
from evaluators.words import counted
from search.study.records import State, TrialRecord
from search.trial.rung_rules import FULL, RUNGS, Climber, correlation


def rung_lines(records: Sequence[TrialRecord]) -> list[str]:
    """One line a rung, and what stopping was worth; nothing where there are no rungs."""
    steps = sorted({step for one in records for step in one.decisions if step != FULL})
    if not steps:
        return []
    return [*(_rung_line(step, records) for step in steps), *_seconds_line(records)]


def _rung_line(step: int, records: Sequence[TrialRecord]) -> str:
    came = [one for one in records if step in one.decisions]
    newest = max(came, key=lambda one: one.number).decisions[step].made_from
    alike = [one for one in came if one.decisions[step].made_from == newest]
    known = correlation([_climber(one, step) for one in alike])
    if math.isnan(known.rho):
        ranked = f"correlation with the score unknown (n = {known.n})"
    else:
        ranked = (
            f"ρ = {known.rho:+.2f} [{known.low:+.2f}, {known.high:+.2f}] with the score "
            f"(n = {known.n} in whose fate it had no say)"
        )
    return f"rung {step}      {RUNGS[step]}: {ranked}; {_fates(step, came)}"


def _fates(step: int, came: Sequence[TrialRecord]) -> str:
    decisions = [one.decisions[step] for one in came]
    earned = [one.number for one in came if one.decisions[step].earned]
    if not earned:
        return f"{counted(len(came), 'trial')} came to it; it has earned to stop none"
    stopped = sum(not one.goes_on for one in decisions)
    controls = sum(one.earned and one.below and one.goes_on for one in decisions)
    return (
        f"{counted(len(came), 'trial')} came to it, {stopped} stopped, "
        f"{controls} went on as {'a control' if controls == 1 else 'controls'}; it "
        f"stops trials since trial {min(earned)}"
    )


def _seconds_line(records: Sequence[TrialRecord]) -> list[str]:
    """How long stopped and whole trials took."""
    took = {
        state: [spent(one.costs).seconds for one in records if one.state is state]
        for state in (State.PRUNED, State.COMPLETE)
    }
    if not all(took.values()):
        return []
    pruned, whole = took[State.PRUNED], took[State.COMPLETE]
    return [
        f"pruned      {counted(len(pruned), 'trial')} in {fmean(pruned):.0f} s each on average; "
        f"{counted(len(whole), 'whole one')} took {fmean(whole):.0f} s"
    ]


def _climber(record: TrialRecord, step: int) -> Climber:
    score = record.outcome.score.value if record.outcome else None
    return Climber(record.decisions[step], score)
