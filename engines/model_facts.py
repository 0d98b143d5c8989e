"""What a model says of itself beside its weights: how much it reads, and where an answer ends.

Read from its small files, so that a study finds out before it has paid for anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.errors import ModelUnusable
from engines.prompt_form import PromptForm, WantedForm, form_of

_LENGTHS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
"""What architectures call the longest text they read, the commonest name first."""
_NO_LIMIT = 1 << 30
"""Tokenizers write a number beyond this where nobody knows of a limit."""


@dataclass(frozen=True, slots=True)
class StudentFacts:
    """What training and answering need to know of a student."""

    prompt_form: PromptForm
    """How it is asked."""
    context_length: int | None
    """Tokens it reads at most; None where it names no limit."""


def facts_of(student: str, *, wanted: WantedForm = "auto") -> StudentFacts:
    """What a student's files say, without its weights.

    Raises:
        ModelUnusable: they cannot be read, it is no causal language model that transformers
            knows, its answers could not end, or it cannot be asked in the wanted form.
    """
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    try:
        config = AutoConfig.from_pretrained(student)
        tokenizer = AutoTokenizer.from_pretrained(student)
        generation = _generation(GenerationConfig, student)
    except Exception as error:  # a damaged folder fails in as many ways as it has files
        raise ModelUnusable(cannot_load(student, error)) from error
    if config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise ModelUnusable(
            f"student {student!r} is a {config.model_type!r}, which continues no text; give a "
            "causal language model"
        )
    if config.model_type in _STATEFUL:
        raise ModelUnusable(
            f"student {student!r} is a {config.model_type!r}, which keeps a state in place of an "
            "attention cache, so batched answers of unlike length cannot be told apart; give a "
            "transformer"
        )
    require_end(student, end_ids(tokenizer, config, generation))
    return StudentFacts(form_of(tokenizer, wanted), context_length(config, tokenizer))


_STATEFUL = frozenset({"mamba", "mamba2", "falcon_mamba", "rwkv", "xlstm"})


def _generation(kind: Any, student: str) -> Any:
    try:
        return kind.from_pretrained(student)
    except OSError:
        return None  # few base models have one


def end_ids(tokenizer: Any, config: Any, generation: Any) -> tuple[int, ...]:
    """Every token that ends an answer: the tokenizer's first, then the model's own."""
    named = [
        tokenizer.eos_token_id,
        getattr(generation, "eos_token_id", None),  # there may be no generation config
        getattr(config.get_text_config(), "eos_token_id", None),  # nor does each name one
    ]
    ids = [one for value in named for one in (value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(one for one in ids if one is not None))


def require_end(model: str, ends: tuple[int, ...]) -> None:
    """Check that an answer can end.

    Raises:
        ModelUnusable: no token ends one.
    """
    if not ends:
        raise ModelUnusable(
            f"{model!r} has no end token, so an answer could not end; set `eos_token` "
            "in its tokenizer_config.json, or `eos_token_id` in its generation_config.json"
        )


def pad_id(tokenizer: Any, ends: tuple[int, ...]) -> int:
    """What stands where a row is shorter than its batch; no model attends to it."""
    named = (tokenizer.pad_token_id, *ends, tokenizer.unk_token_id)
    return next((int(one) for one in named if one is not None), 0)


def context_length(config: Any, tokenizer: Any) -> int | None:
    """Tokens a model reads at most, under whatever name; None where nobody names a limit."""
    text = config.get_text_config()
    lengths = [getattr(text, name, None) for name in _LENGTHS]  # each architecture has its own
    named = [length for length in lengths if isinstance(length, int) and length > 0]
    if named:
        return named[0]
    longest = tokenizer.model_max_length
    return int(longest) if longest is not None and longest < _NO_LIMIT else None


def cannot_load(student: str, error: Exception) -> str:
    """What is said of a student whose files cannot be read."""
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return (
        f"student {student!r} cannot be loaded ({line}); give a model folder, a hub id that can "
        "be reached, or `embedded:student-a`"
    )
