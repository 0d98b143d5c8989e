"""Batched decoding in which every row has a seed of its own.

What a row becomes does not depend on its neighbours in the batch (up to rounding in the matrix
products), so the same request gives the same text whatever else is in flight.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch

STOP_STEPS = 8
"""How often rows are asked whether they are finished, in tokens."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One row to continue."""

    ids: tuple[int, ...]
    temperature: float
    """0 is greedy."""
    seed: int
    max_new_tokens: int


@torch.inference_mode()
def continue_prompts(
    model: Any,
    prompts: Sequence[Prompt],
    *,
    ends: Collection[int],
    pad: int,
    finished: Callable[[list[int]], bool] | None = None,
) -> list[list[int]]:
    """New token ids for each prompt, without the end token.

    Args:
        model: a causal language model of transformers.
        prompts: the rows.
        ends: every token that ends a row.
        pad: what fills up the shorter rows; nothing attends to it.
        finished: whether a row's new tokens need no more; asked every `STOP_STEPS` tokens, so
            that what a row becomes still does not depend on its neighbours.
    """
    device = model.device
    # a model that is told no positions counts the gap behind a shared beginning as text
    placed = "position_ids" in inspect.signature(model.forward).parameters
    shared = _shared_length(prompts) if placed else 0
    width = max(len(prompt.ids) for prompt in prompts) - shared
    gaps = [width + shared - len(prompt.ids) for prompt in prompts]
    ids = torch.tensor(
        [[pad] * gap + list(p.ids[shared:]) for gap, p in zip(gaps, prompts, strict=True)],
        device=device,
    )
    mask = torch.tensor(
        [[1] * shared + [0] * gap + [1] * (width - gap) for gap in gaps], device=device
    )
    budget = max(prompt.max_new_tokens for prompt in prompts)
    draws = torch.stack(  # drawn on the CPU, so that every device draws the same
        [torch.rand(budget, generator=torch.Generator().manual_seed(p.seed)) for p in prompts]
    ).to(device)
    temperatures = torch.tensor([[p.temperature] for p in prompts], device=device)
    last = torch.tensor(sorted(ends), device=device)
    limits = torch.tensor([p.max_new_tokens for p in prompts], device=device)
    written: list[list[int]] = [[] for _ in prompts]
    rows = torch.arange(len(prompts), device=device)  # those still being written
    positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, shared:]
    cache = _read_once(model, prompts[0].ids[:shared], copies=len(prompts)) if shared else None
    for step in range(budget):
        output = model(
            input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True,
            logits_to_keep=1, **({"position_ids": positions} if placed else {}),
        )  # fmt: skip
        cache = output.past_key_values
        chosen = _choose(output.logits[:, -1].float(), temperatures[rows], draws[rows, step])
        for row, token in zip(rows.tolist(), chosen.tolist(), strict=True):
            if token not in ends:
                written[row].append(token)
        going = ~torch.isin(chosen, last) & (limits[rows] > step + 1)
        if finished is not None and (step + 1) % STOP_STEPS == 0:
            ended = [finished(written[row]) for row in rows.tolist()]
            going &= ~torch.tensor(ended, device=device)
        if not going.any():
            break
        if not going.all():
            keep = going.nonzero().squeeze(1)
            cache.batch_select_indices(keep)
            rows, chosen, mask, positions = rows[keep], chosen[keep], mask[keep], positions[keep]
        ids = chosen.unsqueeze(1)
        mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
        positions = positions[:, -1:] + 1
    return written


def _shared_length(prompts: Sequence[Prompt]) -> int:
    """How many leading tokens all prompts share, at least one of each left over."""
    first = prompts[0].ids
    longest = min(len(prompt.ids) for prompt in prompts) - 1
    for at in range(longest):
        if any(prompt.ids[at] != first[at] for prompt in prompts):
            return at
    return longest


def _read_once(model: Any, ids: Sequence[int], *, copies: int) -> Any:
    """The key-value cache of a beginning that every row shares, such as instruction and demos."""
    output = model(
        input_ids=torch.tensor([list(ids)], device=model.device), use_cache=True, logits_to_keep=1
    )
    output.past_key_values.batch_repeat_interleave(copies)
    return output.past_key_values


def _choose(logits: torch.Tensor, temperature: torch.Tensor, draw: torch.Tensor) -> torch.Tensor:
    """Greedy where the temperature is 0, else the token under which the row's draw falls."""
    greedy = logits.argmax(-1)
    cumulative = (logits / temperature.clamp(min=1e-4)).softmax(-1).cumsum(-1)
    total = cumulative[:, -1:]
    sampled = torch.searchsorted(cumulative, draw.unsqueeze(1) * total).squeeze(1)
    return torch.where(temperature.squeeze(1) > 0, sampled.clamp(max=logits.shape[-1] - 1), greedy)
