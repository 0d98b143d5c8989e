"""Eng2Lean, the final task: from an English docstring and a signature to a Lean definition.

A problem is passed when Lean accepts the student's definition under the signature asked for and
proves every hidden test. The answer and the reference never meet; only tests are compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from evaluators.errors import EvaluationError
from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from lean_sandbox.sandbox import CheckRequest, Sandbox
from trainers.dataset import student_prompt

MAX_ANSWER_CHARACTERS = 20_000
"""Longer answers are cut here: no definition asked for is that long."""

_PIECE = re.compile(
    r"""--[^\n]*
    |/-(?:.*?-/|.*)
    |"(?:\\.|[^"\\])*"
    |(?<![\w'])'(?:\\.|[^'\\])'
    |(?P<end>\n\s*\n
        |\n(?=\S)(?![|)\]}⟩]|(?:where|then|else|termination_by|decreasing_by)\b)
        |(?<![\w.'!?])(?:def|theorem|lemma|example|instance|axiom|abbrev|opaque|structure|inductive
            |class|namespace|section|end|variable|universe|import|export|macro|macro_rules|syntax
            |notation|infix[lr]?|prefix|postfix|elab|elab_rules|initialize|attribute|mutual|deriving
            |private|protected|noncomputable|partial|local|scoped)(?![\w.'!?])
        |\#(?=[a-z])|@\[)""",
    re.VERBOSE | re.DOTALL,
)
"""Comments, strings and characters, which say nothing about where a definition ends; what does:
a blank line, a line in the first column, and words that no term can hold."""


class Answers(Protocol):
    """Whatever continues prompts; `evaluators.model.StudentModel` does."""

    def complete(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int,
        temperature: float = ...,
        seed: int = ...,
        batch_size: int = ...,
    ) -> list[str]:
        """Continue each prompt."""
        ...


def extract_body(answer: str) -> str:
    """The definition's body at the head of an answer.

    It ends at a blank line, where a line starts in the first column with what cannot go on with a
    definition, and where another command begins. What is cut there is neither held against the
    student nor of any help to it.
    """
    text = answer[:MAX_ANSWER_CHARACTERS].replace("\r\n", "\n")
    start = len(text) - len(text.lstrip())
    ends = (piece.start() for piece in _PIECE.finditer(text, start) if piece.group("end"))
    return text[: next(ends, len(text))].rstrip()


def evaluate(
    model: Answers,
    problems: Sequence[Problem],
    sandbox: Sandbox,
    *,
    settings: EvaluationSettings,
    seed: int,
) -> Evaluation:
    """Ask the student every problem and Lean about every answer.

    An answer that is empty, prose, several definitions or endless is a refused verdict.

    Raises:
        EvaluationError: a problem has no tests, so that any definition would pass it.
        SandboxUnavailable: Lean could not be started or kept alive; there is no score then.
    """
    for problem in problems:
        if not problem.tests:
            raise EvaluationError(
                f"problem {problem.id} has no hidden tests, so any definition would pass it; "
                "add `tests` to it or leave it out"
            )
    answers = model.complete(
        [student_prompt(problem.docstring, problem.signature) for problem in problems],
        max_new_tokens=settings.max_new_tokens,
        temperature=settings.temperature,
        seed=seed,
        batch_size=settings.batch_size,
    )
    bodies = [extract_body(answer) for answer in answers]
    verdicts = sandbox.check_many(
        [
            CheckRequest(
                program=f"{problem.signature} :={body}",
                target=problem.signature,
                tests=problem.tests,
            )
            for problem, body in zip(problems, bodies, strict=True)
        ]
    )
    return Evaluation(
        tuple(
            ProblemRecord(problem.id, body, verdict, verdict.accepted)
            for problem, body, verdict in zip(problems, bodies, verdicts, strict=True)
        )
    )
