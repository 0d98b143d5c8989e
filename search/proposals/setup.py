"""Sets up the desk of a study whose pools grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engines.ledger import Ledger
from evaluators.problem import Problem
from search.proposals.from_lm import MAKER, FromWriter, Till
from search.proposals.from_study import Crossed, Joined, Rows, Written
from search.proposals.growing import PoolGrower
from search.proposals.proposer import Proposer, StudyView
from search.recipes.gate import Gate
from search.settings.proposals import Source
from search.study.records import TrialRecord
from search.study.study import SearchStudy
from search.study.trial_stages import TrialStages
from search.trial.job import Job
from stores.manifests import maker
from stores.stages import StageStore

Ready = Callable[[], bool]
"""Whether the next trial can be proposed now; never blocks."""


def pool_grower(
    job: Job, study: SearchStudy, *, sealed: Sequence[Problem], tell: Callable[[str], None]
) -> Ready:
    """Have new arms let in while the trials of a job run.

    What is returned is asked before every proposal and after every trial: that is when arms are
    let in. A study whose pools do not grow is always ready.

    Args:
        job: what the trials are run from.
        study: whose pools grow.
        sealed: the sealed problems, which drafts are held against and nobody is shown.
        tell: told of every line a person should see.

    Raises:
        ModelUnavailable: the language model cannot be loaded, or its key is not set.
    """
    settings = job.settings
    if not settings.recipe.growing:
        return lambda: True
    clauses = [text for texts in settings.recipe.clauses.values() for text in texts]
    desk = PoolGrower(
        [one for one in _proposers(job) if one.parameter in study.pools],
        gate=Gate(
            [*job.plan.problems, *sealed],
            job.plan.task,
            longest=settings.proposals.longest,
            told=[settings.recipe.base, *clauses],
        ),
        study=study,
        settings=settings.proposals,
        look=lambda records: _view(job, study, records),
        tell=tell,
        seed=settings.seed,
    )
    return lambda: not desk.settle(study.records())


def _view(job: Job, study: SearchStudy, records: Sequence[TrialRecord]) -> StudyView:
    return StudyView(
        records=tuple(records),
        arms={name: pool.arms for name, pool in study.pools.items()},
        space=job.settings.recipe,
        demos=job.demos,
        contexts={one.id: one for one in job.plan.contexts},
        problems={one.id: one for one in job.plan.problems},
        stages=TrialStages(job.stages),
        task=job.plan.task,
    )


def _proposers(job: Job) -> list[Proposer]:
    settings = job.settings.proposals
    ready: dict[Source, Proposer] = {
        "written": Written(),
        "joined": Joined(),
        "crossed": Crossed(),
        "rows": Rows(settings.demos_per_set),
    }
    if settings.lm is not None:
        store = StageStore(job.stages, ledger=Ledger(), maker=maker(job.identity, MAKER))
        till = Till(store, job.purse)
        for source, writer in job.parts.writers(settings.lm, job.plan.task).items():
            ready[source] = FromWriter(source, writer, longest=settings.longest, till=till)
    return [ready[source] for source in settings.active if source in ready]
