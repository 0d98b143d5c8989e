"""A language model as a judge of rows: `evaluators.judge.JudgeModel` through DSPy."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class DspyJudge:
    """Asks a DSPy language model, several prompts at a time.

    Args:
        lm: a `dspy.LM`, or whatever takes a prompt and gives a list of texts.
        concurrent_calls: prompts in flight at once.
    """

    def __init__(self, lm: Any, *, concurrent_calls: int = 8) -> None:
        self._lm = lm
        self._concurrent_calls = concurrent_calls

    def answer(self, prompts: Sequence[str]) -> list[str]:
        """See `evaluators.judge.JudgeModel.answer`; a call that fails gives no opinion."""
        with ThreadPoolExecutor(self._concurrent_calls) as pool:
            return list(pool.map(self._ask, prompts))

    def _ask(self, prompt: str) -> str:
        from dspy.utils.exceptions import LMError

        try:
            answers = self._lm(prompt)
        except LMError:
            return ""
        first = answers[0] if answers else ""
        return str(first.get("text", "") if isinstance(first, dict) else first)
