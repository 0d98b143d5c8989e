"""A sweep: a study for each student over one stage store, then the transfer table.

Students do not decide what a generator writes, so a recipe that several studies try under the
same seed is generated and checked once. Killed, a sweep goes on where it was: studies resume as
searches do, and the table's cells are stages like all others.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engines.errors import first_line
from engines.settings import BudgetSettings
from evaluators.tasks import task_named
from evaluators.words import counted
from search.comparisons.finalists import fresh_seeds
from search.comparisons.sealed import Contender, over_seeds
from search.comparisons.transfer import (
    Cell,
    Found,
    Transfer,
    TransferRecipe,
    TransferStudent,
    chosen_recipes,
    student_pairs,
    with_gaps,
)
from search.comparisons.transfer_table import cell_line, transfer_lines
from search.console import Console
from search.driver.dry_run import dry_run_lines, folder_lines
from search.driver.plan import Search
from search.driver.search import run_search
from search.errors import NoTrialFinished, StudyError, StudyExists, StudyStopped
from search.materials.gathering import Materials, gather, student_path, student_sha256
from search.offline.export import export_pipeline
from search.offline.pipeline import MANIFEST, Pipeline
from search.report.run_view import RunView, view_run
from search.runs.folder import RunFolder, require_kept
from search.runs.next_steps import command
from search.runs.sweep_folder import SweepFolder, short_names
from search.settings.study import StudySettings
from search.spending.budgets import Spending
from search.sweep.shares import KINDS, Spent, cap_lines, option, shared_out, shown
from search.tracking.background import log_pipeline_again
from search.trial.chosen_lean import kept_to
from search.trial.counted_checker import CountedChecker
from search.trial.job import Job
from search.trial.machines import Parts, real_parts
from search.trial.plan import TrialPlan, plan_for
from search.workers.arms import run_arms
from search.workers.checkers import ClosableChecker, start_checker
from search.workers.learner import cluster

_NO_CAPS = BudgetSettings()


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep to be run.

    Attributes:
        settings: the study, as the file says it.
        study_text: the study file as it was given.
        students: at least two.
        folder: the sweep folder.
        best: how many of each student's best recipes stand in the table.
        seeds: fresh fine-tunes of each recipe; None takes `search.final_seeds`.
        budget: caps over all studies and the table, dealt out to the students.
        resume: whether studies that are there are gone on with.
        parts: how the machines are made.
    """

    settings: StudySettings
    study_text: str
    students: tuple[str, ...]
    folder: Path
    best: int = 2
    seeds: int | None = None
    budget: BudgetSettings = _NO_CAPS
    resume: bool = False
    parts: Parts | None = None

    def searches(self) -> dict[str, Search]:
        """The search of each student, by its short name.

        Raises:
            StudyError: see `search.runs.sweep_folder.short_names` and `shares`.
        """
        folder, shares = SweepFolder(self.folder), self.shares()
        return {
            name: Search(
                settings=self._settings(name, student).model_copy(update={"budget": shares[name]}),
                study_text=self.study_text,
                run_dir=folder.run(name).path,
                stages_dir=folder.stages,
                resume=self.resume,
                parts=self.parts,
            )
            for student, name in short_names(self.students).items()
        }

    def shares(self) -> dict[str, BudgetSettings]:
        """The caps of each student's study, by its short name.

        Raises:
            StudyError: more is spent already than the sweep may.
        """
        names = short_names(self.students)
        if not self.budget.capped:
            return dict.fromkeys(names.values(), self.settings.budget)
        folder = SweepFolder(self.folder)
        spent = {
            name: Spent.by(folder.run(name), self._settings(name, student))
            for student, name in names.items()
        }
        return shared_out(self.budget, self.settings.budget, spent)

    def _settings(self, name: str, student: str) -> StudySettings:
        named = {"student": student, "name": f"{self.settings.name}-{name}"[:64]}
        return self.settings.model_copy(update=named)

    @property
    def fresh_seeds(self) -> tuple[int, ...]:
        """What the table's runs draw from: as the final comparison's, whose stages they read."""
        runs = self.seeds or self.settings.search.final_seeds
        return fresh_seeds(self.settings.seed, runs=runs)


def run_sweep(sweep: Sweep, *, console: Console) -> Transfer:
    """Search for every student, then measure the best recipes with every student.

    A student whose study ends without a winner does not end the others'.

    Raises:
        StudyError: the sweep cannot start or go on, or fewer than two studies have a winner.
        SandboxUnavailable: Lean cannot be started.
    """
    require_kept({"--sweep-dir": sweep.folder})
    folder, searches = SweepFolder(sweep.folder), sweep.searches()
    console.print(f"sweep folder {folder.path}")
    _require_resume(sweep, searches)
    for line in cap_lines(sweep.budget, sweep.shares()):
        console.print(line)
    first = next(iter(searches.values())).settings
    parts = sweep.parts or real_parts()
    for search in searches.values():  # the last student's mistake must not cost the first's study
        student_path(search.settings.student)
    materials = gather(first)
    for search in searches.values():
        parts.require(search.settings)
    for search in searches.values():  # nor may its study be from before a change of any file
        folder_lines(search, materials)
    with folder.driven(), cluster(first):
        lost = _run_studies(searches, console)
        studies = {name: one for name, one in searches.items() if name not in lost}
        if len(studies) < 2:
            raise StudyError(f"no transfer table: {_reasons(lost)}{_ways_out(sweep)}")
        transfer = _measure(sweep, studies, materials, console)
        folder.save(transfer)
        for name, search in studies.items():
            _into_pipeline(folder.run(name), transfer)
            log_pipeline_again(folder.run(name), search.settings, console)
    for line in transfer_lines(transfer):
        console.print(line)
    console.print(f"table       {folder.table}")
    if lost:
        raise StudyError(
            f"the table lacks students: {_reasons(lost)}; go on with --resume{_ways_out(sweep)}"
        )
    console.print(f"next        {command('outerloop', 'report', folder.path)}")
    return transfer


def _require_resume(sweep: Sweep, searches: dict[str, Search]) -> None:
    begun = [name for name, one in searches.items() if RunFolder(one.run_dir).has_study()]
    if begun and not sweep.resume:
        raise StudyExists(
            f"{sweep.folder} holds a sweep already ({', '.join(begun)}); add --resume to go on "
            "with it, or give another --sweep-dir"
        )


def _run_studies(searches: dict[str, Search], console: Console) -> dict[str, str]:
    """Run every study; those that ended without a winner, with the reason."""
    lost = {}
    for place, (name, search) in enumerate(searches.items(), start=1):
        console.print(f"\nstudent {place} of {len(searches)}: {search.settings.student}")
        if is_finished(search):
            console.print(f"finished    {search.run_dir}")
            continue
        try:
            run_search(search, console=console)
        except (NoTrialFinished, StudyStopped) as error:
            lost[name] = first_line(str(error))
            console.print(f"no winner   {lost[name]}")
    return lost


def is_finished(search: Search) -> bool:
    """Whether a study is done and its file unchanged, so that nothing needs to be started."""
    folder = RunFolder(search.run_dir)
    try:
        same = folder.study_file.read_text(encoding="utf-8") == search.study_text
        facts = folder.facts()
        ended = facts["trials"]["complete"] + facts["trials"]["pruned"]
        enough = ended >= search.settings.search.trials
        whole = (folder.pipeline / MANIFEST).is_file()
        return bool(same and enough and whole and facts["student"] == search.settings.student)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _measure(
    sweep: Sweep, searches: dict[str, Search], materials: Materials, console: Console
) -> Transfer:
    views = {
        name: view_run(one.run_dir, stages_dir=one.stages_dir) for name, one in searches.items()
    }
    studies = [
        Found(name, _winner(view), view.records, view.stages) for name, view in views.items()
    ]
    rows = chosen_recipes(studies, best=sweep.best)
    shown = " × ".join(
        (
            counted(len(rows), "recipe"),
            counted(len(studies), "student"),
            counted(len(sweep.fresh_seeds), "fine-tune"),
        )
    )
    console.print(f"\nTransfer: {shown}, search problems")
    parts = sweep.parts or real_parts()
    first = next(iter(searches.values())).settings
    checked_by = parts.checked_by(first)
    checker = start_checker(parts, kept_to(first, checked_by))
    name_of_checker = task_named(first.task).checker_name(checker)
    cells: list[Cell] = []
    for name, search in searches.items():
        plan = _plan(search, materials, name_of_checker, checked_by)
        column = _Column(name, search, plan, parts, checker)
        try:
            for cell in column.cells(rows, sweep.fresh_seeds):
                cells.append(cell)
                console.print(cell_line(cell, rows))
        except StudyStopped as stopped:
            raise StudyStopped(f"{stopped}{_ways_out(sweep)}") from stopped
    checker.close()
    own = {one.student: row.key for row in rows for one in row.found if one.rank == 1}
    measured = with_gaps(cells, own)
    return Transfer(
        study=sweep.settings.name,
        students=tuple(_student(name, searches[name], views[name]) for name in searches),
        recipes=rows,
        cells=measured,
        pairs=student_pairs(studies, rows, measured),
        seeds=sweep.fresh_seeds,
        problems=len(plan.problems),
        problems_sha256=plan.problems_sha256,
        checker=name_of_checker,
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """One student under every recipe of the table."""

    name: str
    search: Search
    plan: TrialPlan
    parts: Parts
    checker: ClosableChecker

    def cells(self, rows: Sequence[TransferRecipe], seeds: Sequence[int]) -> Iterator[Cell]:
        """The cells, as they are measured; the student's study pays for what is not there yet.

        Raises:
            StudyStopped: the student's budget does not allow it.
        """
        settings = self.search.settings
        spending = Spending.of(settings, self.search.run_dir)
        runs = [Contender("best", None, row.recipe, seed) for row in rows for seed in seeds]
        job = Job(
            settings=settings,
            parts=self.parts,
            plan=self.plan,
            demos={},
            stages=(self.search.stages_dir or self.search.run_dir).resolve(),
            checker=CountedChecker(self.checker, spending.final),
            identity=f"{settings.name}/transfer",
            purse=spending.final,
        )
        with spending.run():
            judging = run_arms(runs, job, what="the transfer table")
            with closing(judging) as judged:
                for row in rows:
                    arm = next(over_seeds(itertools.islice(judged, len(seeds))))
                    yield Cell(row.key, self.name, arm.score, arm.runs, None, arm.error)


def _plan(search: Search, materials: Materials, checker: str, checked_by: str) -> TrialPlan:
    sha256 = student_sha256(search.settings.student)
    mine = dataclasses.replace(materials, student_sha256=sha256)
    plan = plan_for(search.settings, mine, checker=checker, checked_by=checked_by)
    return dataclasses.replace(plan, judging=None)  # no cell shows what a judge would be paid for


def _winner(view: RunView) -> int | None:
    return view.final.arm("best").trial if view.final else None


def _student(name: str, search: Search, view: RunView) -> TransferStudent:
    return TransferStudent(
        name=name,
        student=search.settings.student,
        student_sha256=student_sha256(search.settings.student),
        pipeline=Pipeline.load(RunFolder(search.run_dir).pipeline).hash,
        trials=sum(one.outcome is not None for one in view.records),
    )


def _into_pipeline(folder: RunFolder, transfer: Transfer) -> None:
    """Write the student's pipeline again, with the table in its card."""
    export_pipeline(Pipeline.load(folder.pipeline), folder=folder.pipeline, transfer=transfer)
    folder.finish_again()


def _ways_out(sweep: Sweep) -> str:
    """What to raise where the caps of a study come from the sweep's."""
    given = ", ".join(
        f"--{option(kind)} {shown(getattr(sweep.budget, kind))}"
        for kind in KINDS
        if getattr(sweep.budget, kind) is not None
    )
    return f" (budgets are shares of {given}: raise that)" if given else ""


def _reasons(lost: dict[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in lost.items())


def sweep_dry_run_lines(sweep: Sweep) -> list[str]:
    """What a sweep would do, after checking all that can be checked before the first token.

    Raises:
        StudyError: one of the studies could not start, or more is spent than the sweep may.
    """
    searches = sweep.searches()
    lines = [f"sweep folder {sweep.folder}{' (exists)' if sweep.folder.exists() else ''}"]
    lines += cap_lines(sweep.budget, sweep.shares())
    for place, search in enumerate(searches.values(), start=1):
        lines += ["", f"student {place} of {len(searches)}: {search.settings.student}"]
        lines += dry_run_lines(search)
    students, seeds = len(searches), len(sweep.fresh_seeds)
    rows = 1 + sweep.best * students
    return [
        *lines,
        "",
        f"transfer    up to {counted(rows, 'recipe')} × {counted(students, 'student')} × "
        f"{counted(seeds, 'fine-tune')} on the "
        "search problems, each about as long as a trial; less what the final comparisons left",
        "shared      a recipe that several studies try is generated and checked once; the "
        "estimates above count it for each",
    ]
