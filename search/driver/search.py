"""A whole search: materials → trials → sealed comparison → frozen pipeline → manifest.

Every step can be killed and done again: the study remembers the trials, the stage store their
stages, and what is written at the end is written from those two.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import cast

from pydantic import TypeAdapter

from engines.ledger import StageCost, StudyLedger
from evaluators.task import Task
from evaluators.tasks import task_named
from evaluators.words import counted
from search.comparisons.sealed import FinalComparison
from search.console import Console
from search.driver.plan import MAY_CHANGE, Search
from search.driver.winner import choose, compare_sealed
from search.errors import StudyStopped
from search.forecast.outlook import outlook
from search.materials.gathering import Materials, gather, student_sha256
from search.offline.freeze import freeze
from search.proposals.setup import pool_grower
from search.recipes.space import Parameters, baseline_parameters, distributions
from search.report.ledger import ledger_notes, ledger_table, so_far
from search.report.ranking import proxies_table, rung_lines
from search.report.recipes import repeats_line
from search.report.terminal import (
    Progress,
    best_line,
    refusal_lines,
    trials_table,
    verdict_lines,
)
from search.report.trial_pages import Attachments, TrialPages
from search.report.utilisation import busy, busy_line, stages_of
from search.runs.folder import RunFolder, require_kept
from search.runs.location import StudyHome
from search.runs.next_steps import after_search, command
from search.settings.study import StudySettings, flat_settings
from search.spending.budgets import Spending
from search.study.ledger import whole_ledger
from search.study.made_from import sources_of, tie, versions
from search.study.records import State, TrialRecord
from search.study.study import SearchStudy
from search.study.waiting import Patience
from search.tracking.background import BackgroundTracker
from search.tracking.files import TrialFiles
from search.trial.chosen_lean import kept_to
from search.trial.counted_checker import CountedChecker
from search.trial.job import Job
from search.trial.machines import real_parts
from search.trial.plan import plan_for
from search.trial.rung_rules import RungDecision
from search.trial.rungs import rules_of
from search.workers.checkers import start_checker
from search.workers.learner import cluster
from search.workers.tuner import run_trials
from stores.content import JSONValue, write_atomically

_FINAL = TypeAdapter(FinalComparison)


def run_search(search: Search, *, console: Console) -> FinalComparison:
    """Search, compare on the sealed problems, freeze the winner.

    Raises:
        StudyError: the study cannot start or go on; nothing was spent, or nothing is lost.
        SandboxUnavailable: Lean cannot be started.
    """
    require_kept({"--run-dir": search.run_dir, "--stages-dir": search.stages_dir})
    folder, settings = RunFolder(search.run_dir), search.settings
    parts = search.parts or real_parts()
    home, say = StudyHome.of(settings, folder), console.print
    console.print(f"run folder  {folder.path}")
    materials = gather(settings)
    parts.require(settings)
    # a hub id stands for the commit that was fetched a moment ago
    materials = replace(materials, student_sha256=student_sha256(settings.student))
    checked_by, spending = parts.checked_by(settings), Spending.of(settings, folder.path)
    with folder.driven(resume=search.resume), spending.run(), ExitStack() as driving:
        # a study that cannot be gone on with is refused before anything is started
        study = (
            open_study(home, settings, materials, checked_by, say=say, driving=driving)
            if home.has_study(resume=search.resume)
            else None
        )
        with cluster(settings):
            checker = start_checker(parts, kept_to(settings, checked_by))
            plan = plan_for(
                settings,
                materials,
                checker=task_named(settings.task).checker_name(checker),
                checked_by=checked_by,
            )
            # a new study is made when nothing can go wrong any more
            study = study or open_study(
                home, settings, materials, checked_by, say=say, driving=driving
            )
            folder.begin(search.study_text)
            stages = (search.stages_dir or folder.stages).resolve()
            _look_ahead(search, study, materials, spending, console)
            tracker = BackgroundTracker(
                folder,
                settings,
                study.identity,
                console,
                TrialFiles(stages, plan.task, materials.contexts, data=settings.tracking.data),
            )
            console.print(f"watch       {command('outerloop', 'dashboard', folder.path)}")
            job = Job(
                settings=settings,
                parts=parts,
                plan=plan,
                demos=materials.demos,
                stages=stages,
                checker=CountedChecker(checker, spending.trials),
                identity=study.identity,
                purse=spending.trials,
            )
            stopped = _run_trials(job, study, materials, tracker, folder, console)
            records = study.records()
            _print_trials(records, settings.seed, job.plan.task, console)
            _print_space(study, console)
            known = whole_ledger(records, store=job.stages, identity=study.identity)
            for line in [so_far(known), *ledger_notes(known), *spending.lines(known)]:
                console.print(line)
            require_going_on(stopped, records, trials=settings.search.trials)
            winner = choose(job, records, console)
            job = replace(
                job, checker=CountedChecker(checker, spending.final), purse=spending.final
            )
            final = compare_sealed(job, study, materials, winner, console)
            checker.close()
        write_atomically(folder.final, _FINAL.dump_json(final, indent=1).decode() + "\n")
        ledger = whole_ledger(records, final.ledger, store=job.stages, identity=study.identity)
        pipeline = freeze(
            settings, materials, winner.record, final, stages=job.stages, folder=folder.pipeline
        )
        tracker.close(final, total=ledger.spent, pipeline=pipeline)
        _finish(folder, settings, records, final, ledger)
        _print_ledger(ledger, spending, console)
    for line in [*verdict_lines(final), f"pipeline    {pipeline}", *after_search(folder)]:
        console.print(line)
    return final


class _Watcher:
    """Draws progress and logs trials."""

    def __init__(
        self, progress: Progress, study: SearchStudy, tracking: BackgroundTracker
    ) -> None:
        self._progress = progress
        self._study = study
        self._tracking = tracking

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        self._progress.started(number, parameters, adopted=adopted)

    def stage(self, number: int, line: StageCost) -> None:
        self._progress.stage(number, line)

    def rung(self, number: int, decision: RungDecision) -> None:
        self._progress.rung(number, decision)

    def finished(self, record: TrialRecord) -> None:
        self._progress.finished(record)
        self._tracking.sync([record])

    def again(self, number: int) -> None:
        self._progress.again(number)

    def notice(self, number: int, text: str) -> None:
        self._progress.notice(number, text)

    def stopped(self, number: int, reason: str) -> None:
        self._progress.stopped(number, reason)


def open_study(
    home: StudyHome,
    settings: StudySettings,
    materials: Materials,
    checked_by: str,
    *,
    say: Callable[[str], None],
    driving: ExitStack,
) -> SearchStudy:
    """The study, with the lease that says we drive it.

    Args:
        home: where it lies.
        settings: what its file says now.
        materials: what its other files hold now.
        checked_by: fingerprint of its Lean.
        say: told what changed of what may.
        driving: gives lease and connections back.

    Raises:
        StudyChanged: it was made from other settings, files, weights or Lean.
    """
    study = SearchStudy(
        home.place,
        name=settings.name,
        space=distributions(settings.recipe),
        sampler=settings.search.sampler,
        startup_trials=settings.search.startup_trials,
        seed=settings.seed,
        patience=Patience(settings.search.storage_wait_minutes * 60, say),
    )
    driving.callback(study.close)
    driving.enter_context(study.driven(say))
    home.remember()
    for change in study.describe(flat_settings(settings), may_change=MAY_CHANGE):
        say(f"changed     {change}; earlier scores stay valid")
    sources = sources_of(settings, materials, checked_by=checked_by)
    for line in tie(study, settings.name, sources, versions()):
        say(line)
    study.begin_with(baseline_parameters(settings.baseline, settings.recipe))
    return study


def _run_trials(
    job: Job,
    study: SearchStudy,
    materials: Materials,
    tracking: BackgroundTracker,
    folder: RunFolder,
    console: Console,
) -> str:
    past, began = study.records(), time.time()
    tracking.sync(past)
    progress = Progress(console, trials=job.settings.search.trials, past=past)
    pages = TrialPages(
        job.stages, job.plan.task, problems=job.plan.problems, contexts=job.plan.contexts
    )
    study.attach_with(Attachments(folder.artifacts, pages))
    rungs = job.settings.search.rungs
    if rungs is not None:
        study.prune_with(rules_of(rungs, job.plan))
    sealed = materials.sealed_problems
    ready = pool_grower(job, study, sealed=sealed, tell=console.print)
    with progress:
        watcher = _Watcher(progress, study, tracking)
        stopped = run_trials(
            job, study, watcher=watcher, scratch=folder.scratch.resolve(), ready=ready
        )
    shutil.rmtree(folder.scratch, ignore_errors=True)
    at_work = stages_of(job.stages, study.identity, since=began, until=time.time())
    console.print(busy_line(busy(at_work, workers=job.settings.search.concurrent_trials)))
    return stopped


def _look_ahead(
    search: Search,
    study: SearchStudy,
    materials: Materials,
    spending: Spending,
    console: Console,
) -> None:
    """What earlier runs spent counts for the caps; what a dry run warns of is said here too."""
    run_dir, stages_dir = search.run_dir, search.stages_dir
    records, store = study.records(), stages_dir or RunFolder(run_dir).stages
    before = whole_ledger(records, store=store, identity=study.identity)
    spending.know_of(before, at_once=search.settings.search.concurrent_trials)
    found = outlook(search.settings, materials, records, run_dir=run_dir, stages_dir=stages_dir)
    for line in found.warnings:
        console.print(line)


def _print_ledger(ledger: StudyLedger, spending: Spending, console: Console) -> None:
    console.print()
    console.print(ledger_table(ledger))
    for line in [*ledger_notes(ledger), *spending.lines(ledger), ""]:
        console.print(line)


def _print_trials(records: list[TrialRecord], seed: int, task: Task, console: Console) -> None:
    console.print()
    console.print(trials_table(records))
    console.print()
    console.print(proxies_table(records))
    best, rungs = best_line(records, seed=seed), rung_lines(records)
    for line in ["", *refusal_lines(records, task), "", *rungs, best]:
        console.print(line)


def _print_space(study: SearchStudy, console: Console) -> None:
    if study.repeats:
        console.print(repeats_line(study.repeats))
    if study.exhausted:
        console.print("space       every recipe of it was tried, so there are no more trials")


def _finish(
    folder: RunFolder,
    settings: StudySettings,
    records: list[TrialRecord],
    final: FinalComparison,
    ledger: StudyLedger,
) -> None:
    states = Counter(record.state for record in records)
    facts: dict[str, JSONValue] = {
        "schema": 1,
        "outerloop": version("outerloop"),
        "study": settings.name,
        "student": settings.student,
        "seed": settings.seed,
        "trials": {state.value: states[state] for state in State},
        "best_trial": final.arm("best").trial,
        "verdict": final.verdict,
        "spent": cast("JSONValue", asdict(ledger.spent)),
        "read_instead_of_run": cast("JSONValue", asdict(ledger.saved)),
    }
    folder.finish(facts)


def require_going_on(stopped: str, records: Sequence[TrialRecord], *, trials: int) -> None:
    """End a study whose budget is spent before it has its scores.

    Raises:
        StudyStopped: in one line, how far it came and what to do.
    """
    scored = sum(record.outcome is not None for record in records)
    pruned = sum(record.state is State.PRUNED for record in records)
    if not stopped or scored + pruned >= trials:
        return
    far = f"{scored} of {counted(trials, 'trial')} scored" + (
        f", {pruned} pruned" if pruned else ""
    )
    settle = f"; or settle for these with --resume --trials {scored + pruned}" if scored else ""
    raise StudyStopped(f"stopped with {far}: {stopped}{settle}")
