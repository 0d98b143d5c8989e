"""The transfer table for people: at the terminal, in a pipeline's card, and as rows for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.statistics.score import Score
from evaluators.words import counted
from search.comparisons.transfer import Cell, Gap, Transfer, TransferRecipe


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell in words."""

    score: str
    """`23.9 % [19.4, 29.0]`, or why there is none."""
    behind: str
    """What the student's own best gains over it, or `own best`."""
    own: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """One recipe under every student, in the order of the columns."""

    label: str
    instruction: str
    knobs: str
    cells: tuple[TableCell, ...]


def table_rows(transfer: Transfer) -> list[TableRow]:
    """The table's rows, the baseline first."""
    rows = []
    for row in transfer.recipes:
        cells = [
            _cell(transfer.cell(row.key, one.name), own=transfer.own(one.name) == row)
            for one in transfer.students
        ]
        rows.append(TableRow(row.label, row.recipe.instruction, knobs(row), tuple(cells)))
    return rows


def caption(transfer: Transfer) -> str:
    """What was measured, and what may not be concluded from it."""
    seeds = len(transfer.seeds)
    runs = "one fresh fine-tune" if seeds == 1 else f"{seeds} fresh fine-tunes"
    return (
        f"Share of the {counted(transfer.problems, 'search problem')} passed, {runs} a cell, "
        "generation "
        "included, with seeds that no trial drew from; intervals are 95 %, each for itself. The "
        "recipes were chosen on these problems, so each student's own best is flattered a little. "
        "The sealed problems are not touched."
    )


def pair_lines(transfer: Transfer) -> list[str]:
    """How alike every two students rank recipes."""
    return [
        f"how alike {pair.first} and {pair.second} rank recipes: {pair.tried} over the recipes "
        f"both studies tried, by their trials; {pair.chosen} over this table's rows, which were "
        "chosen for being best with one of the two and so agree less"
        for pair in transfer.pairs
    ]


def transfer_lines(transfer: Transfer) -> list[str]:
    """The table at the terminal."""
    rows = table_rows(transfer)
    names = [one.name for one in transfer.students]
    wide = max(len(row.label) for row in rows)
    widths = [
        max(len(name), *(len(row.cells[place].score) + 2 for row in rows))
        for place, name in enumerate(names)
    ]
    lines = [" " * wide + "  " + "  ".join(_padded(names, widths)).rstrip()]
    for row in rows:
        scores = [one.score + (" *" if one.own else "") for one in row.cells]
        lines.append(f"{row.label:<{wide}}  " + "  ".join(_padded(scores, widths)).rstrip())
    return [
        "",
        *lines,
        "* the student's own best recipe",
        "",
        *borrowing_lines(transfer),
        *pair_lines(transfer),
        caption(transfer),
        "",
    ]


def borrowing_lines(transfer: Transfer) -> list[str]:
    """What each student loses under another's best recipe."""
    lines = []
    for mine in transfer.students:
        for other in transfer.students:
            recipe = transfer.own(other.name)
            if other == mine or recipe is None:
                continue
            gap = transfer.cell(recipe.key, mine.name).behind
            if gap is not None:
                lines.append(
                    f"{mine.name}: own best − best of {other.name} = {gap_words(gap)} "
                    f"(n = {gap.n})"
                )
    return lines


def transfer_markdown(transfer: Transfer) -> str:
    """The table for a card."""
    names = " | ".join(f"`{one.student}`" for one in transfer.students)
    rows = [
        f"| {row.label} | "
        + " | ".join(f"**{one.score}**" if one.own else one.score for one in row.cells)
        + " |"
        for row in table_rows(transfer)
    ]
    head = f"| recipe | {names} |\n| --- |" + " --- |" * len(transfer.students)
    told = [*borrowing_lines(transfer), *pair_lines(transfer)]
    return "\n".join(
        [
            head,
            *rows,
            "",
            "Bold: the student's own best recipe. " + caption(transfer),
            "",
            *(f"- {line}" for line in told),
        ]
    ).rstrip()


def cell_line(cell: Cell, rows: Sequence[TransferRecipe]) -> str:
    """One cell as it was measured."""
    label = next(row.label for row in rows if row.key == cell.key)
    return f"cell        {cell.student}, {label}: {_score(cell.score, cell.error)}"


def gap_words(gap: Gap) -> str:
    """A gap in percentage points with its interval."""
    return f"{gap.difference * 100:+.1f} points [{gap.low * 100:+.1f}, {gap.high * 100:+.1f}]"


def knobs(row: TransferRecipe) -> str:
    """A recipe's knobs in one line."""
    recipe = row.recipe
    docstring = "own docstring" if recipe.keep_docstring else "generated docstring"
    return (
        f"{counted(len(recipe.demos), 'demo')}, temperature {recipe.temperature:.2g}, attempts "
        f"{recipe.attempts}, filter {recipe.filter}, {docstring}"
    )


def _cell(cell: Cell, *, own: bool) -> TableCell:
    behind = "own best" if own else gap_words(cell.behind) if cell.behind else ""
    return TableCell(_score(cell.score, cell.error), behind, own)


def _score(score: Score | None, error: str) -> str:
    if score is None:
        return f"no score: {error}"
    return f"{score.value * 100:.1f} % [{score.low * 100:.1f}, {score.high * 100:.1f}]"


def _padded(texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [f"{text:<{width}}" for text, width in zip(texts, widths, strict=True)]
