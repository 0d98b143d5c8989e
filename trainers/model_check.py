"""Whether a model can be loaded, found out without loading its weights.

Configuration and tokenizer are read, the model is built without memory for its weights, and the
heads of the weight files are held against it. What people get wrong: a folder that lacks some
weights loads all the same, with numbers drawn by chance in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from engines.model_facts import end_ids
from trainers.errors import TrainingError
from trainers.quiet import no_progress_bars

_LONGEST = 300
"""Characters of what a loader said."""
_SHOWN = 3
"""Names of weights in a message."""


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model that can be loaded, as far as its files here say."""

    parameters: int
    """How many weights it has; shared ones once."""
    weights_here: bool
    """False for a hub model whose weights nobody fetched yet: only the rest was checked."""


def require_loadable(model: str, *, chats: bool = False) -> CheckedModel:
    """Check that a causal language model can be loaded.

    Args:
        model: a folder or a hub id, whose configuration and tokenizer are fetched.
        chats: whether it is spoken to in turns, which takes a chat template.

    Raises:
        TrainingError: it cannot; the message says what is wrong, not with whose model.
    """
    try:
        config = AutoConfig.from_pretrained(model)
        tokenizer = AutoTokenizer.from_pretrained(model)
        built = _built(model, config)
    except Exception as error:  # a damaged folder fails in as many ways as it has files
        line = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
        raise TrainingError(f"cannot be loaded ({line})") from error
    _require_fitting(built)
    if chats and not tokenizer.chat_template:
        raise TrainingError(
            "has no chat template, so nothing can be asked of it; add chat_template.jinja, or "
            "choose a model that was trained to chat"
        )
    if not end_ids(tokenizer, config, built.model.generation_config):
        raise TrainingError(
            "has no end token, so an answer could not end; set `eos_token` in its "
            "tokenizer_config.json, or `eos_token_id` in its generation_config.json"
        )
    rows = built.model.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise TrainingError(
            f"has a tokenizer of {len(tokenizer)} tokens and {rows} embeddings; the tokenizer is "
            "another model's"
        )
    count = sum(weight.numel() for weight in built.model.parameters())
    return CheckedModel(count, weights_here=built.weights_here)


@dataclass(frozen=True, slots=True)
class _Built:
    """A model without memory for its weights, and where its files do not fit it."""

    model: Any
    weights_here: bool
    missing: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()


def _built(model: str, config: Any) -> _Built:
    with no_progress_bars():
        try:
            built, found = AutoModelForCausalLM.from_pretrained(
                model,
                device_map="meta",
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are named below
                local_files_only=True,
            )
        except OSError:
            if Path(model).is_dir():
                raise
            with torch.device("meta"):
                return _Built(AutoModelForCausalLM.from_config(config), weights_here=False)
    return _Built(
        built,
        weights_here=True,
        missing=tuple(sorted(found["missing_keys"])),
        misshapen=tuple(sorted(name for name, *_ in found["mismatched_keys"])),
    )


def _require_fitting(built: _Built) -> None:
    if built.misshapen:
        raise TrainingError(
            f"has weights of another shape than config.json says ({_few(built.misshapen)}); copy "
            "its files again"
        )
    if built.missing:
        raise TrainingError(f"lacks weights ({_few(built.missing)}); copy its files again")


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
