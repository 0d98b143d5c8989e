"""Where new arms come from and how fast: the study file's `proposals`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from engines.settings import GeneratorSettings
from evaluators.words import counted

Growing = Literal["addition", "demo_set"]
"""The parameters that can grow."""
Source = Literal["written", "joined", "crossed", "rows", "grounded", "reflected"]
"""Who proposes: the study file, two texts joined, two good arms crossed, rows of good trials,
DSPy's grounded proposer, reflection on what went wrong."""

_RETRIES = 6
"""Refused texts of both language-model sources before they are retired."""
WITHOUT_LM: tuple[Source, ...] = ("written", "joined", "crossed", "rows")
WITH_LM: tuple[Source, ...] = ("grounded", "reflected")


class ProposalSettings(BaseModel):
    """How the pools of `recipe.growing` grow."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    sources: tuple[Source, ...] | None = None
    """Who proposes; null is everybody who can: `grounded` and `reflected` need `lm`."""
    lm: GeneratorSettings | None = None
    """The language model that writes instructions; its settings are a generator's."""
    at_start: Annotated[int, Field(ge=0, le=64)] = 3
    """Arms let into each pool before the first trial."""
    trials_per_arm: Annotated[float, Field(gt=0)] = 1.0
    """Trials that end before each pool gets another arm."""
    most_arms: Annotated[int, Field(ge=1, le=4000)] = 200
    """Arms let into each pool in all."""
    longest: Annotated[int, Field(ge=20, le=4000)] = 600
    """Characters of an addition; longer ones are refused."""
    demos_per_set: Annotated[int, Field(ge=1, le=16)] = 2
    """Demos in a proposed set."""

    @model_validator(mode="after")
    def _lm_where_it_is_needed(self) -> Self:
        needy = [source for source in self.sources or () if source in WITH_LM]
        if needy and self.lm is None:
            message = f"`{needy[0]}` needs a language model; name one under proposals.lm"
            raise PydanticCustomError(
                "study", "{message}", {"message": message, "where": ["sources"]}
            )
        return self

    def lines(self, growing: tuple[Growing, ...], *, trials: int) -> list[str]:
        """What a dry run says of it.

        Args:
            growing: `recipe.growing`.
            trials: how many the study is to have.
        """
        if not growing:
            return []
        many = min(self.most_arms, self.at_start + int(trials / self.trials_per_arm))
        said = [
            f"grows       {' and '.join(growing)}: {counted(self.at_start, 'arm')} at the "
            f"start, {many} "
            f"after {counted(trials, 'trial')}; from {', '.join(self.active)}"
        ]
        if self.lm is not None:
            said.append(
                f"            {self.lm.model} is asked for at most {many + _RETRIES} texts; its "
                "tokens are held to the caps, and are not in the estimate"
            )
        return said

    @property
    def active(self) -> tuple[Source, ...]:
        """Who proposes, in the order they are listed."""
        if self.sources is not None:
            return self.sources
        return WITHOUT_LM + (WITH_LM if self.lm is not None else ())
