"""How a student is asked the final task's problems."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class EvaluationSettings(BaseModel):
    """Decoding settings of the final task."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_new_tokens: int = Field(default=96, ge=1, le=32_768)
    """Longest answer, in tokens."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """Sampling temperature of the student; 0 is greedy."""
    batch_size: int = Field(default=64, ge=1, le=4096)
    """Problems answered at once."""
