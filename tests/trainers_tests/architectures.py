"""Small students of several architectures, each with its own names for things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainers_tests.tiny_student import make_student

VOCABULARY, END, PAD = 320, 1, 0


def _llama(t: Any) -> Any:
    return t.LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=96,
    )  # fmt: skip


def _gpt2(t: Any) -> Any:
    return t.GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=96)


def _gpt_neox(t: Any) -> Any:
    return t.GPTNeoXConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=96,
    )  # fmt: skip


def _bloom(t: Any) -> Any:
    return t.BloomConfig(hidden_size=32, n_layer=2, n_head=2)


def _mpt(t: Any) -> Any:
    return t.MptConfig(d_model=32, n_layers=2, n_heads=2, max_seq_len=96)


ARCHITECTURES: dict[str, tuple[Callable[[Any], Any], int | None]] = {
    "llama": (_llama, 96),
    "gpt2": (_gpt2, 96),
    "gpt_neox": (_gpt_neox, 96),
    "bloom": (_bloom, None),
    "mpt": (_mpt, 96),
}
"""How each is configured, and the longest text it reads."""


def make_architecture(folder: Path, name: str, *, pad: bool = True) -> str:
    """A random student of an architecture, with the tokenizer of the tiny student."""
    import torch
    import transformers

    make_student(folder, pad=pad)
    config = ARCHITECTURES[name][0](transformers)
    config.vocab_size, config.eos_token_id, config.bos_token_id = VOCABULARY, END, None
    config.pad_token_id = PAD if pad else None
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():  # random weights say one thing alone; larger ones say many
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(8)
    model.save_pretrained(folder)
    return str(folder)
