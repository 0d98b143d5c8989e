"""A whole search: materials → trials → sealed comparison → frozen pipeline → manifest.

Every step can be killed and done again: the study remembers the trials, the stage store their
stages, and what is written at the end is written from those two.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from search.console import Console
from search.deciding import choose, compare_sealed
from search.final import FinalComparison
from search.guarded_tracker import GuardedTracker
from search.materials.contexts import JSONValue
from search.materials.gathering import Materials, gather, plan_for, student_sha256
from search.materials.sources import sources_of, versions
from search.money.busy import busy, busy_line, stages_of
from search.money.ledger import StageCost, StudyLedger
from search.money.outlook import outlook
from search.money.spending import Spending, require_going_on
from search.money.store_ledger import whole_ledger
from search.money.table import ledger_notes, ledger_table, so_far
from search.next_steps import after_search, command
from search.offline.freeze import freeze
from search.proposals.opening import open_desk
from search.report.attachments import Attachments
from search.report.proxy_table import proxies_table
from search.report.recipe_words import repeats_line
from search.report.rung_lines import rung_lines
from search.report.terminal import (
    Progress,
    best_line,
    refusal_lines,
    trials_table,
    verdict_lines,
)
from search.report.trial_pages import TrialPages
from search.run_folder import RunFolder, write_atomically
from search.study.made_from import tie
from search.study.patience import Patience
from search.study.records import State, TrialRecord
from search.study.rung_rules import RungDecision
from search.study.settings import StudySettings, flat_settings
from search.study.space import Parameters, baseline_parameters, distributions
from search.study.study import SearchStudy
from search.study_home import StudyHome
from search.submitted_job import require_kept
from search.tracked_files import TrialFiles
from search.trials.actors import cluster
from search.trials.counted_sandbox import CountedSandbox
from search.trials.lean_actors import start_sandbox
from search.trials.rungs import rules_of
from search.trials.tuner import Job, run_trials
from search.trials.workshop import Parts, lean_version, real_parts

MAY_CHANGE = frozenset(
    {
        "search.",
        "resources.",
        "generator.api_base",
        "generator.api_key_env",
        "generator.concurrent_calls",
        "generator.timeout_seconds",
        "generator.retries",
        "generator.longest_pause_seconds",
        "generator.price",
        "budget.",
        "problems.leaks",
        "tracking.",
        "proposals.",
        "recipe.additions",
        "judge.lm.api_base",
        "judge.lm.api_key_env",
        "judge.lm.concurrent_calls",
        "judge.lm.timeout_seconds",
        "judge.lm.retries",
        "judge.lm.longest_pause_seconds",
        "judge.lm.price",
    }
)
"""Settings that a resumed study may change: no score depends on them."""

_FINAL = TypeAdapter(FinalComparison)


@dataclass(frozen=True, slots=True)
class Search:
    """One search to be run.

    Attributes:
        settings: the study.
        study_text: the study file as it was given.
        run_dir: the run folder.
        stages_dir: the stage store; None keeps it in the run folder.
        resume: whether a study that is there is gone on with.
        parts: how the machines are made.
    """

    settings: StudySettings
    study_text: str
    run_dir: Path
    stages_dir: Path | None = None
    resume: bool = False
    parts: Parts | None = None


def run_search(search: Search, *, console: Console) -> FinalComparison:
    """Search, compare on the sealed problems, freeze the winner.

    Raises:
        StudyError: the study cannot start or go on; nothing was spent, or nothing is lost.
        SandboxUnavailable: Lean cannot be started.
    """
    require_kept({"--run-dir": search.run_dir, "--stages-dir": search.stages_dir})
    folder, settings = RunFolder(search.run_dir), search.settings
    home, say = StudyHome.of(settings, folder), console.print
    console.print(f"run folder  {folder.path}")
    parts = search.parts or real_parts()
    materials = gather(settings)
    parts.require(settings)
    # a hub id stands for the commit that was fetched a moment ago
    materials = replace(materials, student_sha256=student_sha256(settings.student))
    spending = Spending.of(settings, folder.path)
    with folder.driven(resume=search.resume), spending.run(), ExitStack() as driving:
        # a study that cannot be gone on with is refused before anything is started
        study = (
            open_study(home, settings, materials, say=say, driving=driving)
            if home.has_study(resume=search.resume)
            else None
        )
        with cluster(settings):
            sandbox = start_sandbox(parts, settings)
            plan = plan_for(settings, materials, lean_version=lean_version(sandbox))
            # a new study is made when nothing can go wrong any more
            study = study or open_study(home, settings, materials, say=say, driving=driving)
            folder.begin(search.study_text)
            stages = (search.stages_dir or folder.stages).resolve()
            _look_ahead(search, study, materials, spending, console)
            tracker = GuardedTracker(
                folder,
                settings,
                study.identity,
                console,
                TrialFiles(stages, materials.contexts, data=settings.tracking.data),
            )
            console.print(f"watch       {command('outerloop', 'dashboard', folder.path)}")
            job = Job(
                settings=settings,
                parts=parts,
                plan=plan,
                demos=materials.demos,
                stages=stages,
                sandbox=CountedSandbox(sandbox, spending.trials),
                identity=study.identity,
                purse=spending.trials,
            )
            stopped = _run_trials(job, study, materials, tracker, folder, console)
            records = study.records()
            _print_trials(records, settings.seed, console)
            _print_space(study, console)
            known = whole_ledger(records, store=job.stages, identity=study.identity)
            for line in [so_far(known), *ledger_notes(known), *spending.lines(known)]:
                console.print(line)
            require_going_on(stopped, records, trials=settings.search.trials)
            winner = choose(job, records, console)
            job = replace(
                job, sandbox=CountedSandbox(sandbox, spending.final), purse=spending.final
            )
            final = compare_sealed(job, study, materials, winner, console)
            sandbox.close()
        write_atomically(folder.final, _FINAL.dump_json(final, indent=1).decode() + "\n")
        ledger = whole_ledger(records, final.arms, store=job.stages, identity=study.identity)
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

    def __init__(self, progress: Progress, study: SearchStudy, tracking: GuardedTracker) -> None:
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
    *,
    say: Callable[[str], None],
    driving: ExitStack,
) -> SearchStudy:
    """The study, with the lease that says we drive it.

    Args:
        home: where it lies.
        settings: what its file says now.
        materials: what its other files hold now.
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
    for line in tie(study, settings.name, sources_of(settings, materials), versions()):
        say(line)
    study.begin_with(baseline_parameters(settings.baseline, settings.recipe))
    return study


def _run_trials(
    job: Job,
    study: SearchStudy,
    materials: Materials,
    tracking: GuardedTracker,
    folder: RunFolder,
    console: Console,
) -> str:
    past, began = study.records(), time.time()
    tracking.sync(past)
    progress = Progress(console, trials=job.settings.search.trials, past=past)
    pages = TrialPages(job.stages, problems=job.plan.problems, contexts=job.plan.contexts)
    study.attach_with(Attachments(folder.artifacts, pages))
    rungs = job.settings.search.rungs
    if rungs is not None:
        study.prune_with(rules_of(rungs, job.plan))
    sealed = materials.sealed_problems
    ready = open_desk(job, study, sealed=sealed, tell=console.print)
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


def _print_trials(records: list[TrialRecord], seed: int, console: Console) -> None:
    console.print()
    console.print(trials_table(records))
    console.print()
    console.print(proxies_table(records))
    best, rungs = best_line(records, seed=seed), rung_lines(records)
    for line in ["", *refusal_lines(records), "", *rungs, best]:
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
