"""How a student is asked the final task's problems."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.words import counted


class EvaluationSettings(BaseModel):
    """Decoding settings of the final task."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_new_tokens: int = Field(default=96, ge=1, le=32_768)
    """Longest answer, in tokens."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """Sampling temperature of the student; 0 is greedy."""
    batch_size: int = Field(default=64, ge=1, le=4096)
    """Problems answered at once."""
    attempts: int = Field(default=1, ge=1, le=1000, exclude_if=lambda attempts: attempts == 1)
    """Answers drawn for each problem; more than one gives pass@k and needs a temperature."""

    @model_validator(mode="after")
    def _attempts_differ(self) -> Self:
        if self.attempts > 1 and self.temperature == 0:
            raise ValueError(
                f"attempts = {self.attempts} at temperature 0 are "
                f"{counted(self.attempts, 'time')} the same "
                "answer; set `temperature` above 0 or `attempts` to 1"
            )
        return self
