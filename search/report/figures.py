"""The report's figures as SVG that stands inside a page.

The colours are the page's own: every figure is drawn in stand-in colours, which become the page's
CSS variables, so one drawing reads in light and dark. Text stays text, in the page's font. The
names of ids are made each figure's own, since several stand in one page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from evaluators.proxies.proxy import LESS_IS_BETTER, Proxy, RankedProxy
from evaluators.words import counted
from search.report.importance import Importances
from search.report.ranking import proxies_of, ranked_proxies
from search.study.records import State, TrialRecord
from search.trial.rung_rules import RUNGS

_INK, _FAINT, _ACCENT, _SECOND = "#010203", "#040506", "#070809", "#0a0b0c"
_VARIABLES = {
    _INK: "var(--ink)",
    _FAINT: "var(--line)",
    _ACCENT: "var(--accent)",
    _SECOND: "var(--second)",
}
"""Stand-in colours that no palette holds, and what each becomes."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "outerloop",
    "font.size": 9.0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.0,
    "grid.color": _FAINT,
    "grid.linewidth": 0.5,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure of the report."""

    svg: str
    """Safe to stand in a page: it comes from the drawing library, which escapes its texts."""
    says: str
    """The figure in words, for whoever does not see it."""


def trials_figure(records: Sequence[TrialRecord]) -> Drawing | None:
    """Every trial's score with its standard error, and the best so far; None without a score."""
    scored = sorted((one for one in records if one.outcome), key=lambda one: one.number)
    if not scored:
        return None
    numbers = [one.number for one in scored]
    scores = [one.outcome.score for one in scored if one.outcome]
    values = [score.value for score in scores]
    errors = [score.standard_error for score in scores]
    so_far = [max(values[: place + 1]) for place in range(len(values))]
    failed = [one.number for one in records if one.state is State.FAILED]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 3.3), layout="constrained")
        axes = figure.add_subplot()
        axes.errorbar(
            numbers,
            values,
            yerr=errors,
            fmt="o",
            color=_ACCENT,
            markersize=4.5,
            elinewidth=1,
            capsize=2,
            label="score ± standard error",
        )
        last = max(one.number for one in records)
        axes.step(
            [*numbers, last],
            [*so_far, so_far[-1]],
            where="post",
            color=_SECOND,
            linewidth=1.4,
            label="best so far",
        )
        if numbers[0] == 0:
            axes.axhline(
                values[0], color=_INK, linewidth=0.9, linestyle=":", label="baseline (trial 0)"
            )
        if failed:
            axes.plot(failed, [0.0] * len(failed), "x", color=_INK, label="failed: no score")
        axes.set_xlabel("trial")
        axes.set_ylabel("search problems passed")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=None))
        figure.legend(loc="outside upper left", ncols=4)
        best = max(range(len(values)), key=lambda place: values[place])
        says = (
            f"{len(scored)} scores from {min(values):.1%} to {max(values):.1%}; the best is trial "
            f"{numbers[best]}'s; {counted(len(failed), 'trial')} failed"
        )
        return Drawing(_svg(figure, "trials"), says)


def rungs_figure(records: Sequence[TrialRecord]) -> Drawing | None:
    """What each trial reported at each rung, and where pruned ones ended; None without rungs."""
    climbed = [one for one in records if one.rungs]
    if not climbed:
        return None
    pruned = [one for one in climbed if one.state is State.PRUNED]
    steps = sorted({step for one in climbed for step in one.rungs})
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 2.9), layout="constrained")
        axes = figure.add_subplot()
        for one in climbed:
            places, values = zip(*sorted(one.rungs.items()), strict=True)
            axes.plot(places, values, "o-", color=_ACCENT, linewidth=1, markersize=3.5, alpha=0.7)
        if pruned:
            last = [max(one.rungs.items()) for one in pruned]
            axes.plot(
                [step for step, _ in last],
                [value for _, value in last],
                "x",
                color=_SECOND,
                markersize=7,
                markeredgewidth=1.6,
                label="pruned here",
            )
            figure.legend(loc="outside upper left")
        axes.set_xlabel("rung")
        axes.set_ylabel("reported")
        axes.set_xticks(steps, labels=[RUNGS.get(step, str(step)) for step in steps])
        says = (
            f"{counted(len(climbed), 'trial')} on {counted(len(steps), 'rung')}; "
            f"{len(pruned)} pruned"
        )
        return Drawing(_svg(figure, "rungs"), says)


def proxies_figure(records: Sequence[TrialRecord]) -> Drawing | None:
    """The score against each proxy, its rank correlation above; None where there is no pair."""
    ranked = [one for one in ranked_proxies(records) if one.n]
    if not ranked:
        return None
    outcomes = [one.outcome for one in records if one.outcome]
    columns, rows = 3, -(-len(ranked) // 3)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 2.35 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        places = [axes for line in grid for axes in line]
        for axes, proxy in zip(places, ranked, strict=False):
            pairs = [
                (found.value, one.score.value)
                for one in outcomes
                if (found := _named(proxies_of(one), proxy.name)) and found.value is not None
            ]
            _scatter(axes, proxy, pairs)
        for axes in places[len(ranked) :]:
            axes.set_visible(False)
        for line in grid:
            line[0].set_ylabel("score")
        says = "; ".join(f"{one.name}: {correlation(one)}" for one in ranked)
        return Drawing(_svg(figure, "proxies"), says)


def importance_figure(found: Importances) -> Drawing | None:
    """Each knob's share as a bar, what chance gives it as a mark; None where there is none."""
    if not found.knobs:
        return None
    knobs = found.knobs[::-1]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 0.6 + 0.27 * len(knobs)), layout="constrained")
        axes = figure.add_subplot()
        places = range(len(knobs))
        axes.barh(
            places, [one.share for one in knobs], color=_ACCENT, height=0.55, label="importance"
        )
        axes.plot(
            [one.chance for one in knobs],
            places,
            "|",
            color=_SECOND,
            markersize=11,
            markeredgewidth=2,
            label="reached by chance",
        )
        axes.set_yticks(list(places), [_plain(one.knob) for one in knobs])
        axes.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.grid(visible=False, axis="y")
        axes.set_xlim(left=0)
        figure.legend(loc="outside upper left", ncols=2)
        says = "; ".join(
            f"{one.knob} {one.share:.0%} (by chance up to {one.chance:.0%})" for one in found.knobs
        )
        return Drawing(_svg(figure, "importance"), says)


def correlation(ranked: RankedProxy) -> str:
    """A rank correlation as people read it: `ρ = +0.71 [+0.20, +0.93] (n = 12)`."""
    if ranked.rho is None:
        return f"ρ unknown (n = {ranked.n})"
    interval = ""
    if ranked.low is not None and ranked.high is not None:
        interval = f" [{ranked.low:+.2f}, {ranked.high:+.2f}]"
    return f"ρ = {ranked.rho:+.2f}{interval} (n = {ranked.n})"


def _scatter(axes: Axes, proxy: RankedProxy, pairs: Sequence[tuple[float, float]]) -> None:
    axes.plot(
        [value for value, _ in pairs],
        [score for _, score in pairs],
        "o",
        color=_ACCENT,
        markersize=4,
        alpha=0.8,
    )
    less = " (less is better)" if proxy.name in LESS_IS_BETTER else ""
    axes.set_title(f"{_plain(proxy.name)}{less}\n{correlation(proxy)}", fontsize=8.5)
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=None))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.margins(0.08)


def _named(proxies: Sequence[Proxy], name: str) -> Proxy | None:
    return next((one for one in proxies if one.name == name), None)


def _plain(text: str) -> str:
    """A text in which `$` is a dollar and not the begin of a formula."""
    return text.replace("$", r"\$")


def _svg(figure: Figure, name: str) -> str:
    """The figure without XML's preamble, its ids its own, its colours the page's."""
    written = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Type", "Format"))
    figure.savefig(written, format="svg", metadata=nothing)
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, variable)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)  # a page knows them, and names no address
    text = re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", text, count=1)
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    return text.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
