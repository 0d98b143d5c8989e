"""Fine-tuning through transformers' Trainer: all weights, or low-rank adapters.

The Trainer costs about 6 % a step over a bare loop (`benchmarks/trainer_overhead.py`), and brings
DeepSpeed, mixed precision and GPUs along.
"""

from __future__ import annotations

import logging
import math
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, set_seed

from engines.prompt_form import PromptForm, form_of
from trainers.adapter import Adapter
from trainers.adapter_folder import publish, weights_hash
from trainers.batches import arrange
from trainers.config import TrainingConfig
from trainers.encoding import collate, encode_examples
from trainers.errors import TrainingError
from trainers.lora import with_lora
from trainers.quiet import no_progress_bars
from trainers.request import FineTune
from trainers.student import Student, load_student

_LOG = logging.getLogger(__name__)


def fine_tune(asked: FineTune) -> Adapter:
    """Fine-tune any Hugging Face causal language model, and leave the weights in `out_dir`.

    Raises:
        TrainingError: no examples, a loss that is not finite, or a student that cannot be
            loaded; the message says which.
    """
    config, out_dir = asked.config, asked.out_dir
    torch.set_num_threads(config.threads)
    started = time.monotonic()
    base = load_student(asked.student)
    form = form_of(base.tokenizer, config.prompt_form)
    set_seed(asked.seed)
    model = with_lora(base.model, config) if config.method == "lora" else base.model
    rows = _rows(asked, base, form)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir.parent, prefix=".training-") as scratch:
        loss = _fit(model, rows, config=config, pad=base.pad, scratch=Path(scratch))
        saved = Path(scratch, "adapter")
        with no_progress_bars():
            model.save_pretrained(saved)
        base.tokenizer.save_pretrained(saved)
        adapter = Adapter(
            path=out_dir,
            kind=config.method,
            student=asked.student,
            sha256=weights_hash(saved),
            steps=config.max_steps,
            tokens=sum(len(row["input_ids"]) for row in rows),
            final_loss=loss,
            seconds=time.monotonic() - started,
            prompt_form=form,
        )
        return publish(saved, adapter)


def _rows(asked: FineTune, student: Student, form: PromptForm) -> list[dict[str, list[int]]]:
    """The rows of every batch, in the order in which they are read."""
    examples, config = asked.examples, asked.config
    longest = min(config.max_length_tokens, student.context_length or config.max_length_tokens)
    rows = encode_examples(
        student.tokenizer, examples, end=student.ends[0], max_length=longest, form=form
    )
    if not rows:
        raise TrainingError(
            f"no example to train on: {len(examples)} given, none of at most {longest} tokens; "
            "loosen the recipe's filter, or raise `training.max_length_tokens`"
        )
    if len(rows) < len(examples):
        left_out = len(examples) - len(rows)
        _LOG.warning("%d of %d examples exceed %d tokens", left_out, len(examples), longest)
    lengths = [len(row["input_ids"]) for row in rows]
    order = arrange(lengths, steps=config.max_steps, batch_size=config.batch_size, seed=asked.seed)
    return [rows[index] for index in order]


def _fit(
    model: Any,
    rows: list[dict[str, list[int]]],
    *,
    config: TrainingConfig,
    pad: int,
    scratch: Path,
) -> float:
    """Train in place; the mean loss over the last tenth of the steps."""
    watch = _LossWatch()
    trainer = Trainer(
        model=model,
        args=_arguments(config, scratch),
        train_dataset=rows,
        data_collator=partial(collate, pad=pad),
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    tail = watch.losses[-max(1, len(watch.losses) // 10) :]
    loss = sum(tail) / len(tail)
    if not (watch.finite and all(bool(p.isfinite().all()) for p in model.parameters())):
        raise TrainingError(
            f"training ended with a loss of {loss} and weights that are not finite; lower "
            f"`training.learning_rate` (now {config.learning_rate}) or raise "
            f"`training.warmup_fraction` (now {config.warmup_fraction})"
        )
    return loss


class _LossWatch(TrainerCallback):  # type: ignore[misc] # transformers ships no types
    """Keeps the logged losses, and stops a run whose loss is no number any more."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.finite = True

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Called by the Trainer about fifty times a run."""
        if logs is not None and "loss" in logs:
            self.losses.append(float(logs["loss"]))
            self.finite = self.finite and math.isfinite(self.losses[-1])
            control.should_training_stop = control.should_training_stop or not self.finite


def computes_bf16() -> bool:
    """Whether the GPU, or without one the CPU, multiplies bfloat16 itself.

    A CPU that does not is several times slower in bfloat16 than in float32.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _arguments(config: TrainingConfig, scratch: Path) -> TrainingArguments:
    on_gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(scratch),
        max_steps=config.max_steps,
        per_device_train_batch_size=config.batch_size,
        train_sampling_strategy="sequential",  # `arrange` has shuffled
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(config.warmup_fraction * config.max_steps),
        weight_decay=config.weight_decay,
        adam_beta2=0.98,
        bf16=computes_bf16(),
        use_cpu=not on_gpu,
        logging_steps=max(1, config.max_steps // 50),
        logging_nan_inf_filter=False,  # it would hide a loss that is no number
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
