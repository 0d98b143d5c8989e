"""The transfer table as a page and a terminal show it beside one of its runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from search.comparisons.transfer import Transfer
from search.comparisons.transfer_table import (
    TableRow,
    borrowing_lines,
    caption,
    pair_lines,
    table_rows,
)
from search.errors import PipelineError
from search.offline.pipeline import Pipeline
from search.runs.sweep_folder import transfer_beside


@dataclass(frozen=True, slots=True)
class TransferSection:
    """What a page says of other students."""

    students: tuple[str, ...]
    here: str
    """The column of the run that is shown."""
    rows: tuple[TableRow, ...]
    caption: str
    told: tuple[str, ...]
    """What follows from the table, in sentences."""


def transfer_of_run(run: Path, pipeline: Path) -> Transfer | None:
    """The table a finished run stands in; None where it was not swept.

    Args:
        run: the run folder.
        pipeline: its pipeline folder.
    """
    try:
        found = transfer_beside(run, Pipeline.load(pipeline).hash)
    except PipelineError:
        return None
    return found[0] if found else None


def transfer_section(transfer: Transfer | None, student: str) -> TransferSection | None:
    """The section of a run whose base model is `student`; None where there is no table."""
    if transfer is None:
        return None
    return TransferSection(
        students=tuple(one.name for one in transfer.students),
        here=next((one.name for one in transfer.students if one.student == student), ""),
        rows=tuple(table_rows(transfer)),
        caption=caption(transfer),
        told=(*borrowing_lines(transfer), *pair_lines(transfer)),
    )
