"""Fine-tuning through transformers' Trainer: all weights, or LoRA adapters by peft."""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from trainers.adapter import Adapter
from trainers.config import TrainingConfig
from trainers.dataset import Example
from trainers.errors import TrainingError


class FineTuner:
    """A `trainers.trainer.Trainer` for any Hugging Face causal language model."""

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config

    def train(
        self, examples: Sequence[Example], *, student: str, out_dir: Path, seed: int
    ) -> Adapter:
        """See `trainers.trainer.Trainer.train`."""
        import torch
        from transformers import Trainer, set_seed

        from trainers.encoding import collate, encode_examples

        torch.set_num_threads(self._config.threads)
        started = time.monotonic()
        model, tokenizer = load_student(student)
        rows = encode_examples(tokenizer, examples, max_length=self._config.max_length_tokens)
        if not rows:
            raise TrainingError(
                f"no example to train on: {len(examples)} given, none of at most "
                f"{self._config.max_length_tokens} tokens; raise `training.max_length_tokens` or "
                "loosen the recipe's filter"
            )
        set_seed(seed)
        if self._config.method == "lora":
            model = _with_lora(model, self._config)
        pad = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
        scratch = out_dir.with_name(out_dir.name + ".scratch")
        trainer = Trainer(
            model=model,
            args=_arguments(self._config, scratch, seed),
            train_dataset=rows,
            data_collator=partial(collate, pad=pad),
        )
        trainer.train()
        shutil.rmtree(scratch, ignore_errors=True)
        losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        loss = sum(losses[-_TAIL:]) / max(1, len(losses[-_TAIL:]))
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss of {student} is {loss} after {self._config.max_steps} steps; lower "
                f"`training.learning_rate` (now {self._config.learning_rate})"
            )
        weights = _save(model, tokenizer, out_dir, method=self._config.method)
        mean_length = sum(len(row["input_ids"]) for row in rows) / len(rows)
        return Adapter(
            path=out_dir,
            kind=self._config.method,
            student=student,
            sha256=hashlib.sha256(weights.read_bytes()).hexdigest(),
            steps=self._config.max_steps,
            tokens=round(mean_length * self._config.batch_size * self._config.max_steps),
            final_loss=loss,
            seconds=time.monotonic() - started,
        )


_LOGS = 50
"""Loss is logged about this many times a run."""
_TAIL = _LOGS // 10


def _arguments(config: TrainingConfig, scratch: Path, seed: int) -> Any:
    import torch
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=str(scratch),
        max_steps=config.max_steps,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(config.warmup_fraction * config.max_steps),
        weight_decay=config.weight_decay,
        adam_beta2=0.98,
        bf16=True,
        use_cpu=not torch.cuda.is_available(),
        seed=seed,
        data_seed=seed,
        logging_steps=max(1, config.max_steps // _LOGS),
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


def load_student(student: str) -> tuple[Any, Any]:
    """A base model in float32 and its tokenizer, from a folder or a hub id.

    Raises:
        TrainingError: neither a model folder nor a hub id that can be reached.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(student)
        model = AutoModelForCausalLM.from_pretrained(student, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"student {student!r} cannot be loaded: {str(error).splitlines()[0]}; give a model "
            "folder, a hub id that can be reached, or `embedded:student-a`"
        ) from error
    return model, tokenizer


def _with_lora(model: Any, config: TrainingConfig) -> Any:
    from peft import LoraConfig, get_peft_model

    return get_peft_model(
        model,
        LoraConfig(
            task_type="CAUSAL_LM",
            r=config.lora_rank,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            target_modules="all-linear",
        ),
    )


def _save(model: Any, tokenizer: Any, out_dir: Path, *, method: str) -> Path:
    """Save weights (a peft adapter keeps the base model's name, not its path) and tokenizer."""
    out_dir.mkdir(parents=True, exist_ok=True)
    if method == "lora":
        model.peft_config["default"].base_model_name_or_path = None
    model.save_pretrained(out_dir)
    tokenizer.save_pretrained(out_dir)
    return out_dir / ("adapter_model.safetensors" if method == "lora" else "model.safetensors")
