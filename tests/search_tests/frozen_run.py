"""The end of a search, from a run folder that was made without Ray: a verdict and a pipeline."""

from __future__ import annotations

from pathlib import Path

from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.sealed import Arm, FinalComparison, compare
from search.driver.winner import best_record
from search.materials.gathering import Materials
from search.offline.freeze import freeze
from search.report.run_view import view_run
from search.runs.folder import RunFolder
from search.settings.file import load_study


def final_of(trial: int, *, passed: int) -> FinalComparison:
    """A comparison in which a trial's recipe passes so many of 100 problems, the others none."""
    arms = [
        Arm(name, number, score_from_passes(flags), (Replicate.of(flags, seed=1),), {}, ())
        for name, number, flags in (
            ("untuned", None, [False] * 100),
            ("baseline", 0, [False] * 100),
            ("best", trial, [place < passed for place in range(100)]),
        )
    ]
    return compare(arms, seeds=(1,), problems_sha256="", times_opened=1)


def frozen(run: RunFolder, *, passed: int = 0) -> Path:
    """Freeze the best trial of a run into its pipeline folder, as a search does at its end."""
    view = view_run(run.path)
    best = best_record(list(view.records))
    problems = tuple(view.problems.values())
    materials = Materials(tuple(view.contexts.values()), problems, problems, {}, "s" * 64)
    return freeze(
        load_study(run.study_file),
        materials,
        best,
        final_of(best.number, passed=passed),
        stages=run.stages,
        folder=run.pipeline,
    )
