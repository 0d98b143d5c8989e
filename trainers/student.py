"""The base model to be fine-tuned: a local Hugging Face folder or a hub id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from engines.model_facts import cannot_load, context_length, end_ids, pad_id, require_end
from trainers.errors import TrainingError
from trainers.quiet import no_progress_bars


@dataclass(frozen=True, slots=True)
class Student:
    """A loaded base model, and what its files say of it."""

    model: Any
    """In float32."""
    tokenizer: Any
    ends: tuple[int, ...]
    """Every token that ends an answer; the first is the one that training teaches."""
    pad: int
    """Fills up a batch's shorter rows."""
    context_length: int | None
    """Tokens it reads at most; None where it names no limit."""


def load_student(student: str) -> Student:
    """A base model in float32 and its tokenizer.

    On a CPU attention is computed plainly: PyTorch's fused kernel takes a fifth longer a step at
    the lengths of training pairs.

    Raises:
        TrainingError: neither a model folder nor a hub id that can be reached, or a model without
            an end token.
    """
    attention = None if torch.cuda.is_available() else "eager"
    try:
        tokenizer = AutoTokenizer.from_pretrained(student)
        with no_progress_bars():
            model = AutoModelForCausalLM.from_pretrained(
                student, dtype=torch.float32, attn_implementation=attention
            )
    except Exception as error:  # a damaged folder fails in as many ways as it has files
        raise TrainingError(cannot_load(student, error)) from error
    ends = end_ids(tokenizer, model.config, model.generation_config)
    require_end(student, ends)
    return Student(
        model, tokenizer, ends, pad_id(tokenizer, ends), context_length(model.config, tokenizer)
    )
