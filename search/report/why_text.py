"""An explanation for a person at the terminal. What models wrote is made fit to be shown."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from evaluators.leaks.paraphrases import LEAST_EVIDENCE
from evaluators.task import Task
from evaluators.words import counted
from search.report.rows import asked, written
from search.report.why import Explanation, LostProblem, NearRow
from search.trial.rows import Row, meaning_of
from search.untrusted_text import fit

_LONGEST = 600
"""Characters of one text."""
_ONE_LINE = 90
"""Characters of a docstring in a list."""


def explanation_lines(found: Explanation, task: Task) -> list[str]:
    """The explanation, from the problem down to the contexts' contributors."""
    return [
        *_block("problem", f"{found.problem.id}: {found.problem.docstring}"),
        *_block("signature", found.problem.signature),
        *_standing(found),
        "",
        *_block("prompt", found.recipe.instruction),
        *_demos(found, task),
        "",
        f"{_count(found.kept, found.trained_on, 'training row')} nearest to the problem",
        *_nearness(found),
        *_rows(found.kept, task),
        "",
        *_refused(found, task),
        *_contributors(found),
    ]


def lost_lines(lost: Sequence[LostProblem]) -> list[str]:
    """The problems to choose from, those first that the baseline's recipe passed."""
    back = sum(one.passed_by_baseline for one in lost)
    beside = f", {back} of them passed under the baseline's recipe (first, with a !)"
    return [
        f"{counted(len(lost), 'problem')} lost{beside if back else ''}:",
        *(
            f"{'!' if one.passed_by_baseline else ' '} {fit(one.id)}  "
            f"{textwrap.shorten(fit(one.docstring), _ONE_LINE, placeholder=' …')}".rstrip()
            for one in lost
        ),
    ]


def _standing(found: Explanation) -> list[str]:
    word = "passed" if found.passed else "lost"
    baseline = ""
    if found.passed_by_baseline is not None:
        baseline = f"; under the baseline's recipe {_word(found.passed_by_baseline)}"
    lines = [f"trial {found.trial:<6}{word} by student {found.student}{baseline}"]
    for one in found.answers:
        why = f" ({one.reason})" if one.reason else ""
        lines += _block("answer", f"{one.text}\n{one.outcome}{why} {one.detail}".rstrip())
    return lines


def _demos(found: Explanation, task: Task) -> list[str]:
    demos = found.recipe.demos
    lines = [f"demos       {len(demos) or 'none'}"]
    for demo in demos:
        lines += _block("", task.reply(demo.outputs))
    return lines


def _nearness(found: Explanation) -> list[str]:
    if found.anything_near:
        return []
    return [
        f"none has much in common with it (evidence below {LEAST_EVIDENCE:g}): the contexts may "
        "hold nothing like this problem"
    ]


def _refused(found: Explanation, task: Task) -> list[str]:
    if not found.not_trained_on:
        return ["no candidate was left out of the training rows"]
    return [
        f"{_count(found.refused, found.not_trained_on)} left out of training, nearest first",
        *_rows(found.refused, task),
    ]


def _rows(rows: Sequence[NearRow], task: Task) -> list[str]:
    lines = []
    for place, row in enumerate(rows, start=1):
        words = f"; in common: {', '.join(fit(word) for word in row.shared)}" if row.shared else ""
        lines += ["", f"  {place}. evidence {row.degree:+.1f}{words}"]
        lines += [f"  {line}" for line in _row(row.row, task)]
    return lines


def _row(row: Row, task: Task) -> list[str]:
    faithful = {True: "faithful", False: "unfaithful", None: "not compared"}
    context = row.context
    licence = f", {context.licence}" if context and context.licence else ""
    contributor = context.contributor if context else ""
    left_out = f"{row.reason}. {meaning_of(row.reason, task)}" if row.reason else ""
    blocks = [_block(label, text) for label, text in written(row, task)]
    return [
        *_block(
            "description", "" if row.description in row.candidate.outputs else row.description
        ),
        *(line for block in blocks for line in block),
        *_block("left out", left_out),
        f"{'verdict':<11} {row.outcome}, {faithful[row.checked.faithful]}",
        *_block("", row.detail),
        f"{'context':<11} {fit(row.candidate.context_id)}, attempt {row.candidate.attempt}, by "
        f"{fit(contributor) or 'nobody named'}{fit(licence)}",
        *(line for label, text in asked(row, task) for line in _block(label, text)),
    ]


def _contributors(found: Explanation) -> list[str]:
    counts = Counter(
        (one.row.context.contributor if one.row.context else "") or "nobody named"
        for one in found.kept
    )
    if not counts:
        return []
    named = ", ".join(f"{fit(name)} {count}" for name, count in counts.most_common())
    return ["", f"contributors of the nearest training rows: {named}"]


def _block(name: str, text: str) -> list[str]:
    """A named text, its further lines beneath it; nothing where there is no text."""
    shown = fit(text.strip("\n"), longest=_LONGEST)
    lines = [
        part
        for line in shown.split("\n")
        for part in (textwrap.wrap(line, 100, subsequent_indent="  ") or [""])
    ]
    if not text.strip():
        return []
    return [f"{name if place == 0 else '':<11} {line}" for place, line in enumerate(lines)]


def _word(passed: bool) -> str:
    return "passed" if passed else "lost"


def _count(shown: Sequence[NearRow], total: int, noun: str = "row") -> str:
    return f"{len(shown)} of {counted(total, noun)}"
