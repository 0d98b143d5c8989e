"""A language model's opinion of a trial's training rows: a proxy, bought where the study asks.

A stage of its own, after the score: a judge that fails costs the trial its opinion and nothing
else. What people get wrong: a judge that broke down is no judge that said no. Its proxy then has
no value, and says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from engines.errors import BudgetSpent, EndpointExhausted, ModelUnavailable, first_line
from engines.ledger import Cost
from evaluators.proxies.judge import PROMPT, judge_rows
from evaluators.proxies.proxy import Proxy
from evaluators.task import Task
from search.generation.judge_model import Judge
from search.trial.plan import TrialPlan
from search.trial.rows import Row
from stores.content import fingerprint
from stores.stages import StageStore

if TYPE_CHECKING:
    from search.settings.judge import JudgeSettings

STAGE = "judge"


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One training row, and what the judge said of it."""

    context_id: str
    description: str
    lean: str
    opinion: bool | None = None
    """None where the answer could not be read."""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge said of a trial's rows."""

    rows: tuple[JudgedRow, ...]
    proxy: Proxy


_JUDGEMENT = TypeAdapter(Judgement)
_ROWS = TypeAdapter(list[JudgedRow])


def drawn(rows: Sequence[Row], task: Task, settings: JudgeSettings) -> list[JudgedRow]:
    """The training rows to be judged, in the order of their contexts.

    Contexts have a fixed order of their own under a seed, so that trials whose filters let the
    same contexts pass are judged on the same ones.
    """
    kept = [row for row in rows if not row.reason]
    chosen = sorted(kept, key=lambda row: _place(row.candidate.context_id, settings.seed))
    ids = {row.candidate.context_id for row in chosen[: settings.rows]}
    return [
        JudgedRow(
            row.candidate.context_id,
            row.description,
            task.passage("", "row", row.candidate.outputs, row.description).lean,
        )
        for row in kept
        if row.candidate.context_id in ids
    ]


def judged(
    rows: Sequence[Row], plan: TrialPlan, model: Judge | None, stages: StageStore
) -> tuple[Proxy, ...]:
    """The judge's proxy; without a value, and with the reason, where it could not answer.

    Nothing where nobody is asked.
    """
    settings = plan.judging
    if model is None or settings is None:
        return ()
    asked = drawn(rows, plan.task, settings)

    def ask(_: object) -> Judgement:
        found = judge_rows([(row.description, row.lean) for row in asked], model)
        said = tuple(
            JudgedRow(row.context_id, row.description, row.lean, opinion, answer)
            for row, opinion, answer in zip(asked, found.opinions, found.answers, strict=True)
        )
        return Judgement(said, found.proxy)

    try:
        judgement = stages.run(
            STAGE,
            inputs={
                "rows": fingerprint(_ROWS.dump_python(asked, mode="json")),
                "judge": model.fingerprint,
                "max_new_tokens": settings.lm.max_new_tokens,
                "prompt": hashlib.sha256(PROMPT.encode()).hexdigest(),
                "seed": settings.seed,
            },
            compute=ask,
            codec=_JUDGEMENT,
            cost=lambda _: Cost(),  # the meter counts tokens and money
        )
    except (BudgetSpent, EndpointExhausted, ModelUnavailable) as error:
        return (Proxy(STAGE, None, 0, why=first_line(str(error))),)
    return (judgement.value.proxy,)


def _place(context_id: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{context_id}".encode()).digest()
