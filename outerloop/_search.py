"""A study loaded, a search run, a run read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engines import environment

if TYPE_CHECKING:
    from search.report.run_view import RunView
    from search.settings.study import StudySettings


def load_study(
    path: str | Path, *, trials: int | None = None, student: str | None = None
) -> StudySettings:
    """The settings in a study file; frozen, with the file's own names.

    Args:
        path: the study file.
        trials: scores to reach, in place of `search.trials`.
        student: base model in place of the file's; the study's name gets its last part, so that
            two students never share a run folder.

    Raises:
        SettingsError: the file is missing, is not YAML, or says something it cannot mean; the
            message begins with `file:line:`.
    """
    from search.settings import file

    return file.with_overrides(file.load_study(Path(path)), trials=trials, student=student)


def run_search(
    study: StudySettings,
    *,
    run_dir: str | Path | None = None,
    mirror: str | None = None,
    stages_dir: str | Path | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> RunView:
    """Search for the recipe whose data make the student best, and freeze it.

    It is `outerloop search`: the same run folder, which either of them goes on with. Every process
    runs under the variables in `engines/environment.py`, where they are not set.

    Args:
        study: what is searched.
        run_dir: the run folder, or the address of a copy (`s3://…`); None is
            `runs/<study name>`.
        mirror: the address of a copy, where `run_dir` is a folder.
        stages_dir: a stage store to share between studies; None is the run folder's own.
        resume: whether a study that is there is gone on with; no finished trial is repeated.
        quiet: print nothing. Trials, table and verdict stand in the run in any case.

    Returns:
        The run, as `read_run` gives it.

    Raises:
        StudyError: the study cannot start or go on: a file is wrong (`RowsError`), a study is
            there and `resume` is False (`StudyExists`), it was made from other settings
            (`StudyChanged`), another driver runs it (`StudyInUse`), its budget is spent
            (`StudyStopped`), every trial failed (`NoTrialFinished`).
        ModelUnavailable: the generator cannot be loaded or reached.
        SandboxUnavailable: Lean cannot be started; `outerloop lean install` gets it.
        AddressRefused: nothing can be kept at the address of the copy.
        CopyUnavailable: the copy cannot be reached.
    """
    environment.prepare()
    from search.console import Console
    from search.driver.plan import Search
    from search.driver.search import run_search as run
    from search.runs.copy import kept_in, split_run_dir
    from search.runs.folder import RUNS, RunFolder
    from search.settings.file import study_text

    given = None if run_dir is None else str(run_dir)
    folder, copy = split_run_dir(given, default=RUNS / study.name, copy=mirror)
    stages, console = _path(stages_dir), Console(quiet=quiet)
    plan = Search(
        settings=study,
        study_text=study_text(study),
        run_dir=folder,
        stages_dir=stages,
        resume=resume,
    )
    with kept_in(copy, RunFolder(folder), stages_dir=stages, resume=resume, console=console):
        run(plan, console=console)
    return read_run(folder, stages_dir=stages)


def read_run(path: str | Path, *, stages_dir: str | Path | None = None) -> RunView:
    """What a search has found so far: live, finished or damaged. Changes nothing.

    Args:
        path: the run folder, the study file of one in `runs/`, or the address of a copy.
        stages_dir: the stage store, where it lies neither in the run folder nor in its sweep's.

    Returns:
        Trials (`records`), `best`, `verdict`, `final` (the sealed comparison), `ledger` (what it
        cost); what could not be read stands in `notices`.

    Raises:
        StudyNotFound: no study is there that can be read, or it is a sweep's folder.
        AddressRefused, CopyUnavailable: the copy's address cannot be used, or does not answer.
    """
    environment.prepare()
    from search.report.run_view import view_run
    from search.runs.named_run import one_run

    return view_run(one_run(Path(path)), stages_dir=_path(stages_dir))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
