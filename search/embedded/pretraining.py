"""Pre-trains the embedded models from nothing: text is drawn from the grammar as it is needed.

A run can be killed and taken up again: every few hundred steps the weights, the optimizer and the
step are written beside the model.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from search.embedded.clauses import draw_conversation
from search.embedded.corpora import READINGS, draw_text
from search.embedded.tokenizer import ASSISTANT, END, SYSTEM, USER, load_tokenizer
from trainers.fine_tuning import computes_bf16

_IGNORE = -100
_ROLE_TOKENS = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}

Sequence = tuple[list[int], list[int]]
"""Token ids, and labels of the same length (`-100` where nothing is learnt)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a model and of its pre-training."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    steps: int
    tokens_per_batch: int
    learning_rate: float


SHAPES = {
    "generator": Shape(160, 5, 5, 480, 2200, 4096, 2e-3),
    "student-a": Shape(144, 4, 4, 384, 1500, 4096, 3e-3),
    "student-b": Shape(144, 4, 4, 384, 1500, 4096, 3e-3),
}


def _model(shape: Shape, vocabulary: int, *, pad: int, eos: int, seed: int) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary, hidden_size=shape.hidden, num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads, num_key_value_heads=shape.heads,
            intermediate_size=shape.feed_forward, max_position_embeddings=1024,
            tie_word_embeddings=True, pad_token_id=pad, eos_token_id=eos, bos_token_id=None,
        )
    )  # fmt: skip


def conversations(tokenizer: object, rng: random.Random) -> Iterator[Sequence]:
    """Endless generator conversations; every reply, and nothing else, is learnt."""
    encode: Callable[..., list[int]] = tokenizer.encode  # type: ignore[attr-defined]
    while True:
        ids: list[int] = []
        labels: list[int] = []
        for role, text in draw_conversation(rng, turns=rng.choice((1, 2, 2, 3))):
            head = encode(_ROLE_TOKENS[role])
            body = encode(text + END)
            ids += head + body
            labels += [_IGNORE] * len(head)
            labels += body if role == "assistant" else [_IGNORE] * len(body)
        yield ids, labels


def texts(name: str, tokenizer: object, rng: random.Random) -> Iterator[Sequence]:
    """Endless plain texts from one student's reading; every token is learnt."""
    encode: Callable[..., list[int]] = tokenizer.encode  # type: ignore[attr-defined]
    while True:
        ids = encode(draw_text(READINGS[name], rng) + END)
        yield ids, ids


def _batches(
    source: Iterator[Sequence], *, tokens: int, pad: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Padded batches of about `tokens` tokens, sequences of like length together."""
    while True:
        pool = sorted((next(source) for _ in range(512)), key=lambda pair: len(pair[0]))
        batches: list[list[Sequence]] = [[]]
        for pair in pool:
            if len(pair[0]) * (len(batches[-1]) + 1) > tokens:
                batches.append([])
            batches[-1].append(pair)
        random.Random(len(pool[0][0])).shuffle(batches)
        for batch in batches:
            width = max(len(ids) for ids, _ in batch)
            ids = torch.tensor([i + [pad] * (width - len(i)) for i, _ in batch])
            labels = torch.tensor([y + [_IGNORE] * (width - len(y)) for _, y in batch])
            yield (
                ids,
                (torch.arange(width) < torch.tensor([[len(i)] for i, _ in batch])).long(),
                labels,
            )


def pretrain(
    name: str, directory: Path, *, seed: int, steps: int | None = None
) -> dict[str, object]:
    """Train one model and save it as a Hugging Face folder (float16 weights).

    Returns:
        What was done: steps, tokens, seconds, final loss, and the shape.
    """
    shape = SHAPES[name]
    total = steps or shape.steps
    tokenizer = load_tokenizer(directory)
    pad, eos = tokenizer.pad_token_id, tokenizer.eos_token_id
    model = _model(shape, len(tokenizer), pad=pad, eos=eos, seed=seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=shape.learning_rate, betas=(0.9, 0.98), weight_decay=0.05
    )
    checkpoint = directory / "pretraining.pt"
    done, tokens_seen, seconds = 0, 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done, tokens_seen, seconds = state["step"], state["tokens"], state["seconds"]
    rng = random.Random(f"{seed}/{name}/{done}")
    source = conversations(tokenizer, rng) if name == "generator" else texts(name, tokenizer, rng)
    batches = _batches(source, tokens=shape.tokens_per_batch, pad=pad)
    losses: list[float] = []
    started = time.monotonic() - seconds
    model.train()
    for step in range(done, total):
        ids, mask, labels = next(batches)
        for group in optimizer.param_groups:
            group["lr"] = shape.learning_rate * _schedule(step, total)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=computes_bf16()):
            loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        tokens_seen += int(mask.sum())
        if (step + 1) % 100 == 0:
            elapsed = time.monotonic() - started
            recent = sum(losses[-100:]) / len(losses[-100:])
            print(f"{name} {step + 1}/{total} loss {recent:.3f} {elapsed:.0f} s", flush=True)  # noqa: T201 - progress of a script
        if (step + 1) % 500 == 0:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                     "step": step + 1, "tokens": tokens_seen,
                     "seconds": time.monotonic() - started}  # fmt: skip
            torch.save(state, checkpoint.with_suffix(".tmp"))
            checkpoint.with_suffix(".tmp").replace(checkpoint)
    model.to(torch.float16).save_pretrained(directory)
    checkpoint.unlink(missing_ok=True)
    return {"model": name, "seed": seed, "steps": total, "tokens": tokens_seen,
            "seconds": round(time.monotonic() - started), "threads": torch.get_num_threads(),
            "parameters": model.num_parameters(),
            "final_loss": round(sum(losses[-200:]) / max(1, len(losses[-200:])), 4),
            "shape": asdict(shape)}  # fmt: skip


def _schedule(step: int, total: int) -> float:
    warmup = min(200, total // 10)
    if step < warmup:
        return (step + 1) / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))
