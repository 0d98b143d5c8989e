"""Keeps a sweep's copy on another storage: every student's run folder, one stage store, the table.

<address>/<student>/      as `outerloop search --run-dir` keeps one, with a lease of its own
<address>/stages/         the stages of all of them
<address>/transfer.json   the transfer table, copied last
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from engines.errors import first_line
from search.console import Console
from search.errors import StudyExists
from search.runs.copy import LEFT, RunMirror, bring_back
from search.runs.folder import RunFolder
from search.runs.sweep_folder import MARK, TABLE, SweepFolder
from search.sweep.sweep import Sweep
from stores.copies import Mirror, forget_mirror
from stores.errors import CopyUnavailable


@contextmanager
def sweep_kept_in(mirror: Mirror | None, sweep: Sweep, *, console: Console) -> Iterator[None]:
    """Keep a sweep folder in a mirror while the sweep runs, where there is one.

    Raises:
        StudyError: see `RunMirror.kept`, or the address holds something else.
    """
    if mirror is None:
        forget_mirror(SweepFolder(sweep.folder).stages)  # a killed sweep may have left one
        yield
        return
    say = console.print
    folder = SweepFolder(sweep.folder)
    there = set(mirror.names())
    if "study.yaml" in there:
        raise StudyExists(f"{mirror.address} holds a search, no sweep; give another --sweep-dir")
    if MARK in there and not sweep.resume:
        raise StudyExists(
            f"{mirror.address} holds a sweep already; add --resume to go on with it, or give "
            "another --sweep-dir"
        )
    runs = [RunFolder(one.run_dir) for one in sweep.searches().values()]
    lost = [one for one in runs if not one.has_study()]
    with ExitStack() as kept:
        for run in runs:
            mine = Mirror(f"{mirror.address.rstrip('/')}/{run.path.name}", mirror.seconds)
            copy = RunMirror(
                mine, run, stages=folder.stages.resolve(), say=say, stage_mirror=mirror
            )
            kept.enter_context(copy.kept(resume=sweep.resume))
        if lost and there:
            bring_back(mirror, folder.path, leave=LEFT, below="stages/")
        with suppress(CopyUnavailable):  # it is copied again at the end
            _mark(mirror, folder)
        try:
            yield
        finally:
            kept.close()
            _copy_table(mirror, folder, say)


def _mark(mirror: Mirror, folder: SweepFolder) -> None:
    """Say that it is a sweep that is there."""
    mark = folder.path / MARK
    mark.touch()
    mirror.put(mark, MARK)


def _copy_table(mirror: Mirror, folder: SweepFolder, say: Callable[[str], None]) -> None:
    try:
        _mark(mirror, folder)
        if folder.table.exists():
            mirror.put(folder.table, TABLE)
    except (CopyUnavailable, OSError) as error:
        say(f"waiting     the mirror lacks the table: {first_line(str(error))}")
