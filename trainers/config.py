"""How a student is fine-tuned. Building a configuration touches neither disk nor network."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engines.prompt_form import WantedForm


class TrainingConfig(BaseModel):
    """One fine-tune's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    method: Literal["full", "lora"] = "full"
    """Train all weights, or low-rank adapters only (peft)."""
    max_steps: int = Field(default=150, ge=1)
    """Optimizer steps."""
    batch_size: int = Field(default=16, ge=1)
    """Examples a step and device."""
    learning_rate: float = Field(default=1e-3, gt=0, lt=1)
    """Peak learning rate; it rises over the warm-up and falls along a cosine."""
    warmup_fraction: float = Field(default=0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises."""
    weight_decay: float = Field(default=0.01, ge=0)
    """Decoupled weight decay of AdamW."""
    max_length_tokens: int = Field(default=512, ge=8)
    """Longest pair; longer ones are left out of training, never cut."""
    lora_rank: int = Field(default=16, ge=1)
    """Rank of the low-rank adapters."""
    lora_alpha: float = Field(default=32.0, gt=0)
    """Scale of the low-rank adapters: their product is multiplied by alpha / rank."""
    lora_dropout: float = Field(default=0.0, ge=0, lt=1)
    """Dropout before the low-rank adapters."""
    prompt_form: WantedForm = Field(default="auto", exclude_if=lambda form: form == "auto")
    """How the student is asked, in training and after it: through its tokenizer's chat template
    (`chat`), as bare text (`plain`), or by the template where it has one (`auto`)."""
    threads: int = Field(default=1, ge=1)
    """CPU threads of the training process."""
