"""Examples as token ids. Prompt and completion are encoded apart, so that no token spans both.

A token that did would make the student's prompt in training differ from the one in evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from engines.prompt_form import PromptForm, chat_text
from trainers.dataset import Example

IGNORED = -100
"""Label of tokens that are read but not learnt."""


def prompt_ids(tokenizer: Any, prompt: str, *, form: PromptForm = "plain") -> list[int]:
    """A student's prompt as token ids: the same call in training and in evaluation.

    In the `chat` form it is one message of a user, whose answer is about to begin.
    """
    if form == "chat":
        text = chat_text(tokenizer, [{"role": "user", "content": prompt}])
        return list(tokenizer.encode(text, add_special_tokens=False))
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return begin + list(tokenizer.encode(prompt, add_special_tokens=False))


def encode_examples(
    tokenizer: Any,
    examples: Sequence[Example],
    *,
    end: int,
    max_length: int | None = None,
    form: PromptForm = "plain",
) -> list[dict[str, list[int]]]:
    """Rows of `input_ids` and `labels`; pairs of more than `max_length` tokens are left out.

    Args:
        tokenizer: the student's.
        examples: the pairs.
        end: the token that ends a completion.
        max_length: in tokens; None leaves none out.
        form: how the student is asked.
    """
    rows = []
    for example in examples:
        prompt = prompt_ids(tokenizer, example.prompt, form=form)
        completion = tokenizer.encode(example.completion, add_special_tokens=False)
        completion = [*completion, end]
        if max_length is None or len(prompt) + len(completion) <= max_length:
            labels = [IGNORED] * len(prompt) + completion
            rows.append({"input_ids": prompt + completion, "labels": labels})
    return rows


def collate(rows: Sequence[dict[str, list[int]]], *, pad: int) -> dict[str, torch.Tensor]:
    """A batch padded on the right: `input_ids`, `attention_mask`, `labels`, each (rows, width)."""
    width = max(len(row["input_ids"]) for row in rows)
    ids, mask, labels = [], [], []
    for row in rows:
        gap = width - len(row["input_ids"])
        ids.append(row["input_ids"] + [pad] * gap)
        mask.append([1] * len(row["input_ids"]) + [0] * gap)
        labels.append(row["labels"] + [IGNORED] * gap)
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": torch.tensor(mask),
        "labels": torch.tensor(labels),
    }
