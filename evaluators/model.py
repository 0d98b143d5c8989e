"""A student that answers prompts: a base model with or without its fine-tuned weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluators.errors import EvaluationError
from trainers.adapter import Adapter


class StudentModel:
    """A loaded student. Not safe to call from several threads at once."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self.context_length: int = model.config.max_position_embeddings

    @classmethod
    def load(
        cls, *, student: str, adapter: Adapter | None = None, threads: int = 1
    ) -> StudentModel:
        """Load a base model (folder or hub id) and merge or replace its weights by the adapter's.

        Raises:
            EvaluationError: the student or the adapter cannot be loaded.
        """
        import torch

        from trainers.errors import TrainingError
        from trainers.student import load_student

        torch.set_num_threads(threads)
        try:
            if adapter is not None and adapter.kind == "full":
                return cls(*load_student(str(adapter.path)))
            model, tokenizer = load_student(student)
            if adapter is not None:
                from peft import PeftModel

                model = PeftModel.from_pretrained(model, adapter.path).merge_and_unload()
        except (TrainingError, OSError, ValueError) as error:
            raise EvaluationError(str(error)) from error
        return cls(model, tokenizer)

    def complete(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        batch_size: int = 64,
    ) -> list[str]:
        """Continue each prompt up to the end token; answer `i` belongs to prompt `i`.

        A prompt that leaves no room in the context is answered with nothing.
        """
        from evaluators.sampling import Prompt, continue_prompts
        from trainers.encoding import prompt_ids

        encoded = [prompt_ids(self._tokenizer, prompt) for prompt in prompts]
        rows = [
            i for i, ids in enumerate(encoded) if len(ids) + max_new_tokens <= self.context_length
        ]
        rows.sort(key=lambda i: len(encoded[i]))
        answers = [""] * len(prompts)
        end = self._tokenizer.eos_token_id
        pad = end if self._tokenizer.pad_token_id is None else self._tokenizer.pad_token_id
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            written = continue_prompts(
                self._model,
                [
                    Prompt(tuple(encoded[i]), temperature, (seed << 20) + i, max_new_tokens)
                    for i in batch
                ],
                eos=end,
                pad=pad,
            )
            for i, ids in zip(batch, written, strict=True):
                answers[i] = self._tokenizer.decode(ids, skip_special_tokens=True)
        return answers
