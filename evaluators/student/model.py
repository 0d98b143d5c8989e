"""A student that answers prompts: a base model with or without its fine-tuned weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engines.prompt_form import PromptForm, WantedForm, form_of
from evaluators.errors import EvaluationError
from evaluators.evaluation import ReferenceFit
from evaluators.problem import Problem
from trainers.adapter import Adapter

if TYPE_CHECKING:
    from trainers.student import Student

_ROW_BITS = 20
"""A row's seed is the call's seed and its place, in 63 bits."""


class StudentModel:
    """A loaded student. Not safe to call from several threads at once.

    An answer ends at the end token, at its length limit, or soon after `stop` says of the text so
    far that nothing behind it can count (see `evaluators.eng2lean.stop_rule`).
    """

    def __init__(
        self,
        student: Student,
        *,
        form: PromptForm = "plain",
        stop: Callable[[str], bool] | None = None,
    ) -> None:
        self._student = student
        self._model = student.model.eval()
        self._tokenizer = student.tokenizer
        self._stop = stop
        self.prompt_form: PromptForm = form
        self.context_length = student.context_length

    @classmethod
    def load(
        cls,
        *,
        student: str,
        adapter: Adapter | None = None,
        threads: int = 1,
        stop: Callable[[str], bool] | None = None,
        wanted: WantedForm = "auto",
    ) -> StudentModel:
        """Load a base model (folder or hub id) and merge or replace its weights by the adapter's.

        It stands on the GPU where there is one. `threads` holds for the whole process. It is asked
        in the form it was trained in; without an adapter, in the `wanted` one.

        Raises:
            EvaluationError: the student or the adapter cannot be loaded.
        """
        import torch

        from engines.errors import ModelUnusable
        from trainers.errors import TrainingError
        from trainers.student import load_student

        torch.set_num_threads(threads)
        whole = adapter is not None and adapter.kind == "full"
        try:
            loaded = load_student(str(adapter.path) if adapter and whole else student)
            form = adapter.prompt_form if adapter else form_of(loaded.tokenizer, wanted)
        except (TrainingError, ModelUnusable) as error:
            raise EvaluationError(str(error)) from error
        model = _merged(loaded.model, adapter) if adapter and not whole else loaded.model
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(dataclasses.replace(loaded, model=model.to(device)), form=form, stop=stop)

    def complete(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        batch_size: int = 64,
        first_row: int = 0,
    ) -> list[str]:
        """Continue each prompt; answer `i` belongs to prompt `i`.

        A prompt that leaves little room in the student's context gets a shorter answer, one that
        leaves none is answered with nothing. An answer depends on its prompt, the seed and its
        place, not on the other prompts; prompts of like length share a batch.

        Args:
            prompts: from `evaluators.problem.student_prompt`.
            max_new_tokens: the longest answer.
            temperature: 0 is greedy.
            seed: of the whole list.
            batch_size: prompts answered at once.
            first_row: the place of the first prompt in the whole list, where this is a part of it.

        Raises:
            EvaluationError: no prompt leaves room for an answer.
        """
        from engines.sampling import Prompt, continue_prompts

        requests = []
        for row, prompt in enumerate(prompts, start=first_row):
            ids = self.prompt_ids(prompt)
            room = max_new_tokens
            if self.context_length is not None:
                room = min(room, self.context_length - len(ids))
            row_seed = ((seed << _ROW_BITS) + row) % (1 << 63)
            requests.append(Prompt(ids, temperature, row_seed, room))
        rows = [row for row, request in enumerate(requests) if request.max_new_tokens > 0]
        if requests and not rows:
            raise EvaluationError(
                f"none of {len(requests)} prompts leaves room for an answer in this student's "
                f"context of {self.context_length} tokens; choose a student with a longer context"
            )
        rows.sort(key=lambda row: len(requests[row].ids))
        answers = [""] * len(prompts)
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            written = continue_prompts(
                self._model,
                [requests[row] for row in batch],
                ends=self._student.ends,
                pad=self._student.pad,
                finished=self._finished if self._stop is not None else None,
            )
            for row, tokens in zip(batch, written, strict=True):
                answers[row] = self._text(tokens)
        return answers

    def fit(self, problems: Sequence[Problem]) -> ReferenceFit | None:
        """How well it predicts the problems' references; see `proxies.teacher_forcing`."""
        from evaluators.proxies.teacher_forcing import reference_fit

        return reference_fit(self._student, problems, form=self.prompt_form)

    def prompt_ids(self, prompt: str) -> tuple[int, ...]:
        """A prompt's tokens: those that training puts before the completion."""
        from trainers.encoding import prompt_ids

        return tuple(prompt_ids(self._tokenizer, prompt, form=self.prompt_form))

    def _finished(self, tokens: list[int]) -> bool:
        return self._stop is not None and self._stop(self._text(tokens))

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


def _merged(model: Any, adapter: Adapter) -> Any:
    """The student with a LoRA adapter added into its weights."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, adapter.path).merge_and_unload()
    except Exception as error:  # missing, damaged, or made for a model of another shape
        first_line = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise EvaluationError(
            f"the adapter in {adapter.path} does not fit student {adapter.student!r} "
            f"({first_line}); train it again"
        ) from error
