"""How well a study's cheap signals, proxies and rungs, ranked its trials, for a person to read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from engines.ledger import spent
from evaluators.proxies.proxy import LESS_IS_BETTER, PROXIES, Proxy, RankedProxy, rank_correlations
from evaluators.words import counted
from search.console import Column, Table, table
from search.study.records import State, TrialRecord
from search.trial.outcome import TrialOutcome
from search.trial.rung_rules import FULL, RUNGS, Climber, correlation

_EARLIER = ("validity", "faithfulness")
"""What trials stored before there were the others."""


def ranked_proxies(records: Sequence[TrialRecord]) -> tuple[RankedProxy, ...]:
    """Each proxy's rank correlation with the score, over the trials that have a score."""
    outcomes = [record.outcome for record in records if record.outcome is not None]
    return rank_correlations([(one.score.value, proxies_of(one)) for one in outcomes])


def proxies_table(records: Sequence[TrialRecord]) -> Table:
    """One line a proxy: Spearman's rho with its interval and n, and what the proxy costs."""
    names = ("rho", "95 %", "trials", "seconds")
    columns = [Column("proxy", "left"), *map(Column, names), Column("what it is", "left", True)]
    rows = []
    for ranked in ranked_proxies(records):
        sign = " (less is better, sign turned)" if ranked.name in LESS_IS_BETTER else ""
        rows.append((*_cells(ranked), PROXIES[ranked.name] + sign))
    return table(
        columns,
        rows,
        title="Proxies: rank correlation with the score over this study's trials",
        caption="\n".join(absence_lines(records)),
    )


def absence_lines(records: Sequence[TrialRecord]) -> list[str]:
    """Which proxies trials with a score go without, how often, and the commonest reason."""
    outcomes = [record.outcome for record in records if record.outcome is not None]
    lines = []
    for name in PROXIES:
        reasons = Counter(
            one.why
            for outcome in outcomes
            for one in outcome.proxies
            if one.name == name and one.value is None and one.why
        )
        if reasons:
            why, times = reasons.most_common(1)[0]
            how_often = counted(times, "time")
            lines.append(
                f"{name} is absent from {reasons.total()} of {counted(len(outcomes), 'trial')}, "
                f"{how_often}: {why}"
            )
    return lines


def _cells(ranked: RankedProxy) -> list[str]:
    rho = "–" if ranked.rho is None else f"{ranked.rho:+.2f}"
    if ranked.low is None or ranked.high is None:
        interval = "–"
    else:
        interval = f"[{ranked.low:+.2f}, {ranked.high:+.2f}]"
    return [ranked.name, rho, interval, str(ranked.n), f"{ranked.seconds:.2f}"]


def proxies_of(outcome: TrialOutcome) -> Sequence[Proxy]:
    """What was measured in a trial, in trials stored before there were the other signals too."""
    if outcome.proxies:
        return outcome.proxies
    values = (outcome.validity, outcome.faithfulness)
    return [
        Proxy(name, value, outcome.candidates)
        for name, value in zip(_EARLIER, values, strict=True)
    ]


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
