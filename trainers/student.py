"""The base model to be fine-tuned: a local Hugging Face folder or a hub id."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from trainers.errors import TrainingError
from trainers.quiet import no_progress_bars


def load_student(student: str) -> tuple[Any, Any]:
    """A base model in float32 and its tokenizer.

    On a CPU attention is computed plainly: PyTorch's fused kernel takes a fifth longer a step at
    the lengths of training pairs.

    Raises:
        TrainingError: neither a model folder nor a hub id that can be reached, or a tokenizer
            without an end token.
    """
    attention = None if torch.cuda.is_available() else "eager"
    try:
        tokenizer = AutoTokenizer.from_pretrained(student)
        with no_progress_bars():
            model = AutoModelForCausalLM.from_pretrained(
                student, dtype=torch.float32, attn_implementation=attention
            )
    except Exception as error:  # a damaged folder fails in as many ways as it has files
        raise TrainingError(
            f"student {student!r} cannot be loaded ({_first_line(error)}); give a model folder, "
            "a hub id that can be reached, or `embedded:student-a`"
        ) from error
    if tokenizer.eos_token_id is None:
        raise TrainingError(
            f"the tokenizer of student {student!r} has no end token, so an answer could not end; "
            "set `eos_token` in its tokenizer_config.json"
        )
    return model, tokenizer


def pad_id(tokenizer: Any) -> int:
    """The padding token; the end token where the tokenizer names none."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
