"""How well each cheap signal ranked a study's trials, for a person to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evaluators.proxies.proxy import LESS_IS_BETTER, PROXIES, Proxy, RankedProxy, rank_correlations
from evaluators.words import counted
from search.console import Column, Table, table
from search.study.records import TrialRecord
from search.trial.outcome import TrialOutcome

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
