"""How well a student predicts texts it is shown token by token: cross-entropy and accuracy.

Prompt and completion become tokens exactly as in training (`trainers.encoding`), the end token
included. What people get wrong: an average of per-text averages, which makes short texts heavy;
here every token counts once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engines.prompt_form import PromptForm
from evaluators.evaluation import ReferenceFit
from evaluators.problem import Problem
from evaluators.proxies.proxy import reference_completion
from trainers.dataset import Example

if TYPE_CHECKING:
    from trainers.student import Student

_MOST_LOGITS = 1 << 27
"""Half a gigabyte: a batch is as large as its logits allow."""
_MOST_ROWS = 64


def reference_examples(problems: Sequence[Problem]) -> list[Example]:
    """The problems whose reference can be continued from their prompt, as training pairs."""
    pairs = [(problem, reference_completion(problem)) for problem in problems]
    return [
        Example(problem.prompt, completion, problem.id)
        for problem, completion in pairs
        if completion is not None
    ]


def reference_fit(
    student: Student, problems: Sequence[Problem], *, form: PromptForm = "plain"
) -> ReferenceFit | None:
    """Cross-entropy and teacher-forced accuracy of a loaded student on the problems' references.

    None where no reference can be shown to it.
    """
    import torch

    from trainers.encoding import IGNORED, collate, encode_examples

    started = time.perf_counter()
    examples = reference_examples(problems)
    model = student.model
    rows = encode_examples(
        student.tokenizer,
        examples,
        end=student.ends[0],
        max_length=student.context_length,
        form=form,
    )
    if not rows:
        return None
    vocabulary = int(model.config.get_text_config().vocab_size)
    total, right, tokens = 0.0, 0, 0
    with torch.inference_mode():
        for some in _batches(rows, vocabulary):
            batch = collate(some, pad=student.pad)
            ids = batch["input_ids"].to(model.device)
            mask = batch["attention_mask"].to(model.device)
            wanted = batch["labels"][:, 1:].to(model.device)
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
            known = wanted != IGNORED
            chosen, answers = logits[known], wanted[known]
            losses = torch.nn.functional.cross_entropy(chosen, answers, reduction="sum")
            total += float(losses)
            right += int((chosen.argmax(-1) == answers).sum())
            tokens += int(known.sum())
    return ReferenceFit(
        cross_entropy=total / tokens,
        accuracy=right / tokens,
        tokens=tokens,
        problems=len(rows),
        left_out=len(problems) - len(rows),
        seconds=time.perf_counter() - started,
    )


def _batches(
    rows: Sequence[dict[str, list[int]]], vocabulary: int
) -> Iterator[list[dict[str, list[int]]]]:
    """Rows of like length together, as many as the logits leave room for."""
    batch: list[dict[str, list[int]]] = []
    for row in sorted(rows, key=lambda row: len(row["input_ids"])):
        if batch and (len(batch) + 1) * len(row["input_ids"]) * vocabulary > _MOST_LOGITS:
            yield batch
            batch = []
        batch.append(row)
        if len(batch) == _MOST_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
