"""Low-rank adapters on every linear layer of a student, by peft."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model
from transformers.pytorch_utils import Conv1D

from trainers.config import TrainingConfig


def with_lora(model: Any, config: TrainingConfig) -> Any:
    """The model with fresh adapters; only they will be trained.

    The adapter forgets a local student's folder, which means nothing on another machine; a hub id
    stays, for those who load the adapter with peft alone.
    """
    if Path(model.name_or_path).exists():
        model.name_or_path = ""
    return get_peft_model(
        model,
        LoraConfig(
            task_type="CAUSAL_LM",
            r=config.lora_rank,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            target_modules="all-linear",
            # GPT-2's layers keep their weights the other way round
            fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
        ),
    )
