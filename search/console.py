"""What commands print: every text stands there as somebody wrote it.

What people get wrong: a text handed to rich is read as rich's own markup, so `[a, b]` vanishes and
`[/INST]` ends the program. This is the one file for rich, and every line and every cell of a table
goes through it as plain text. What nobody could see, such as a terminal's escape sequences, is
named instead of sent; and no line holds a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal, TypeAlias

import rich.console
import rich.table
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from engines import environment
from search.untrusted_text import visible

Table: TypeAlias = rich.table.Table
"""A table that `table` made."""

PLAIN_WIDTH = 120
"""Columns where nobody is looking: logs and pipes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    justify: Literal["left", "right"] = "right"
    folds: bool = False
    """Whether long texts go on in the next line; they are cut otherwise."""


class Console:
    """Where a command prints.

    Args:
        file: where to write; None is standard output, whatever that is at the time.
        width: columns; None takes the terminal's, or `PLAIN_WIDTH` where there is none.
        stderr: write to standard error instead.
        quiet: write nothing.
        terminal: whether it is one; None looks.
    """

    def __init__(
        self,
        *,
        file: IO[str] | None = None,
        width: int | None = None,
        stderr: bool = False,
        quiet: bool = False,
        terminal: bool | None = None,
    ) -> None:
        self._rich = rich.console.Console(
            file=file, width=width, stderr=stderr, quiet=quiet, force_terminal=terminal
        )
        if width is None and not self._rich.is_terminal:
            self._rich.width = PLAIN_WIDTH

    @property
    def is_terminal(self) -> bool:
        """Whether somebody is looking."""
        return self._rich.is_terminal

    def print(self, part: str | Table = "", *, style: str = "") -> None:
        """A text on lines of its own, however long, or a table as wide as there is room."""
        if isinstance(part, str):
            self._rich.print(_text(part, style), soft_wrap=True)
        else:
            self._rich.print(part)

    def board(self) -> Board:
        """A few lines that are drawn again in place; for terminals."""
        return Board(Live(console=self._rich, transient=True))

    @contextmanager
    def bar(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        """A bar while something is done; call what it gives with how many of it are."""
        columns = (TextColumn("{task.description}", markup=False), BarColumn())
        with Progress(
            *columns, MofNCompleteColumn(), TimeRemainingColumn(), console=self._rich
        ) as bars:
            task = bars.add_task(visible(what), total=total)
            yield lambda done: bars.update(task, completed=done)


def complain(message: str) -> None:
    """A mistake or a fault, on one line of standard error."""
    Console(stderr=True).print(f"outerloop: {' '.join(message.split())}")


class Board:
    """Lines that are drawn again in place while it is started."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def show(self, lines: Sequence[str]) -> None:
        """Draw these lines in place of those before."""
        self._live.update(_text("\n".join(lines)), refresh=True)


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], *, title: str = "", caption: str = ""
) -> Table:
    """A table of plain texts, without lines around it."""
    made = rich.table.Table(
        title=_text(title, "table.title") if title else None,
        caption=_text(caption, "table.caption") if caption else None,
        title_justify="left",
        caption_justify="left",
        box=None,
        pad_edge=False,
    )
    for column in columns:
        made.add_column(
            _text(column.name),
            justify=column.justify,
            no_wrap=not column.folds,
            overflow="fold" if column.folds else "ellipsis",
        )
    for row in rows:
        made.add_row(*(_text(cell) for cell in row))
    return made


def _text(text: str, style: str = "") -> Text:
    return Text(visible(environment.struck(text)), style=style)
