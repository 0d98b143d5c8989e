"""The fine-tuned weights of one student, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engines.prompt_form import PromptForm


@dataclass(frozen=True, slots=True)
class Adapter:
    """A fine-tune's result: a folder with weights that `evaluators.student.model` can load."""

    path: Path
    """A peft adapter folder (`kind="lora"`) or a full model folder (`kind="full"`)."""
    kind: Literal["lora", "full"]
    student: str
    """The base model: a local folder or a hub id."""
    sha256: str
    """Hash of the weight file."""
    steps: int
    tokens: int
    """Tokens seen in training, padding not counted."""
    final_loss: float
    """Mean training loss over the last tenth of the steps, nats per completion token."""
    seconds: float
    prompt_form: PromptForm = "plain"
    """How the student was asked in training, and is to be asked."""
