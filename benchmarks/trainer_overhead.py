"""What transformers' Trainer costs a step over a bare loop, for a student of 1.7 M weights.

python benchmarks/trainer_overhead.py

CPU seconds are counted, not the clock, so that other work on the machine disturbs little.
"""

from __future__ import annotations

import random
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PrinterCallback, Trainer

from trainers.config import TrainingConfig
from trainers.encoding import IGNORED, collate
from trainers.fine_tuning import _arguments

STEPS, BATCH, ROUNDS = 30, 16, 3


def main() -> None:
    """Print both times, each the median of `ROUNDS` runs."""
    torch.set_num_threads(1)
    rows = _rows()
    bare, through_trainer = [], []
    for _ in range(ROUNDS):
        bare.append(_bare(rows))
        through_trainer.append(_through_trainer(rows))
    ratio = median(through_trainer) / median(bare) - 1
    print(f"bare loop {median(bare) * 1e3:.0f} ms a step, batch {BATCH}, about 70 tokens a row")
    print(f"Trainer   {median(through_trainer) * 1e3:.0f} ms a step: {ratio:+.1%}")


def _model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=1024, hidden_size=176, intermediate_size=480, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=512,
        tie_word_embeddings=True, attn_implementation="eager",
    )  # fmt: skip
    return LlamaForCausalLM(config).train()


def _rows() -> list[dict[str, list[int]]]:
    rng = random.Random(0)
    rows = []
    for _ in range(STEPS * BATCH):
        ids = rng.choices(range(1024), k=rng.randint(50, 90))
        half = len(ids) // 2
        rows.append({"input_ids": ids, "labels": [IGNORED] * half + ids[half:]})
    return rows


def _bare(rows: list[dict[str, list[int]]]) -> float:
    model = _model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    started = time.process_time()
    for step in range(STEPS):
        batch = collate(rows[step * BATCH : (step + 1) * BATCH], pad=0)
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return (time.process_time() - started) / STEPS


def _through_trainer(rows: list[dict[str, list[int]]]) -> float:
    config = TrainingConfig(max_steps=STEPS, batch_size=BATCH)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = Trainer(
            model=_model(),
            args=_arguments(config, Path(scratch)),
            train_dataset=rows,
            data_collator=partial(collate, pad=0),
        )
        trainer.remove_callback(PrinterCallback)
        started = time.process_time()
        trainer.train()
        return (time.process_time() - started) / STEPS


if __name__ == "__main__":
    main()
