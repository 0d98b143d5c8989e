"""Additions that a language model writes."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import cast

from pydantic import TypeAdapter

from engines.budget import Purse, carried
from engines.ledger import Cost
from search.generation.instruction_writing import InstructionWriter
from search.proposals.feedback import addition_in, brief_of, parents_of
from search.proposals.view import StudyView
from search.recipes.pool import Draft
from search.settings.proposals import Growing, Source
from stores.content import JSONValue
from stores.stages import StageStore

STAGE = "propose"
"""The name of what a language model wrote, in the stage store."""
MAKER = "proposals"
"""Who pays for it, in the ledger."""

_WRITTEN = TypeAdapter(dict[str, str])


@dataclasses.dataclass(frozen=True, slots=True)
class Till:
    """Where a writer's answers are kept, and what pays for them."""

    stages: StageStore
    purse: Purse | None = None


class FromWriter:
    """Has an instruction writer improve on the best trial's instruction.

    What it writes is a stage like any other: paid for once, kept with its inputs, in the ledger.

    Args:
        source: by which name it proposes.
        writer: who writes.
        longest: characters an addition may have.
        till: where answers are kept, and what pays for them.
    """

    parameter: Growing = "addition"

    def __init__(
        self, source: Source, writer: InstructionWriter, *, longest: int, till: Till
    ) -> None:
        self.source = source
        # a hash, because the fingerprint of an endpoint holds its address
        model = hashlib.sha256(writer.fingerprint.encode()).hexdigest()[:12]
        self.name = f"{source} {model}"
        self._writer = writer
        self._longest = longest
        self._till = till

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before any trial has a score.

        Raises:
            ModelUnavailable: the language model cannot be reached.
            BudgetSpent: it would cost more than the study may spend.
        """
        brief = brief_of(view, longest=self._longest, seed=seed)
        if brief is None:
            return None
        with carried(self._till.purse):
            written = self._till.stages.run(
                STAGE,
                inputs={
                    "source": self.source,
                    "writer": self._writer.fingerprint,
                    "brief": cast("JSONValue", dataclasses.asdict(brief)),
                    "seed": seed,
                },
                compute=lambda _: {"instruction": self._writer.write(brief, seed=seed)},
                codec=_WRITTEN,
                cost=lambda _: Cost(),
            )
        text = addition_in(written.value["instruction"], view)
        return Draft(text, origin=self.source, parents=parents_of(view))
