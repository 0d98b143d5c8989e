"""Eng2Lean, the final task: from an English docstring and a signature to Lean.

A definition is passed when Lean accepts it under the signature asked for and proves every hidden
test; its reference is never looked at. A statement is passed when it is proven equivalent to its
reference. What people get wrong: a statement that elaborates need not be the one asked for, and
one that could not be compared is neither right nor wrong.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluators.errors import EvaluationError
from evaluators.evaluation import Attempt, Evaluation, Finding, ProblemRecord
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from lean_sandbox.lexing import COMMANDS, Token, tokens
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Verdict

MAX_ANSWER_CHARACTERS = 20_000
"""Longer answers are cut here: no definition asked for is that long."""

_ENDS = COMMANDS | {
    "end", "elab_rules", "deriving", "private", "protected", "noncomputable", "partial",
    "local", "scoped",
}  # fmt: skip
"""Words that no definition goes on with."""
_GOES_ON = re.compile(r"[|)\]}⟩]|(?:where|then|else|termination_by|decreasing_by)\b")
"""What in the first column does not end a definition."""


class Answers(Protocol):
    """Whatever continues prompts; `evaluators.student.model.StudentModel` does."""

    def complete(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int,
        temperature: float = ...,
        seed: int = ...,
        batch_size: int = ...,
        first_row: int = ...,
    ) -> list[str]:
        """Continue each prompt; `first_row` is the place of the first in a longer list."""
        ...


class Compared(Protocol):
    """What was found about a statement and its reference."""

    @property
    def outcome(self) -> str:
        """One of `evaluators.evaluation.COMPARED`."""
        ...

    @property
    def detail(self) -> str:
        """How it was found, for a person."""
        ...


class Comparison(Protocol):
    """Says whether statements mean the same; `evaluators.equivalence.beq_core.BeqCore` does."""

    def compare_many(
        self, pairs: Sequence[tuple[str, str]], *, definitions: Sequence[str] = ...
    ) -> Sequence[Compared]:
        """Compare references with statements; answer `i` belongs to pair `i`.

        `definitions` is what stands before both, one text a pair.

        Raises:
            SandboxUnavailable: Lean could not be started or kept alive.
        """
        ...


def extract_body(answer: str) -> str:
    """The definition's body at the head of an answer.

    It ends at a blank line, where a line starts in the first column with what cannot go on with a
    definition, and where another command begins. What is cut there is neither held against the
    student nor of any help to it.
    """
    text = answer[:MAX_ANSWER_CHARACTERS].replace("\r\n", "\n")
    before = ""
    for token in tokens(text, len(text) - len(text.lstrip())):
        end = _end_at(token, before, text)
        if end is not None:
            return text[:end].rstrip()
        before = token.text
    return text.rstrip()


def _end_at(token: Token, before: str, text: str) -> int | None:
    """Where a definition ends at a token; None where it goes on."""
    following = text[token.end : token.end + 1]
    if token.kind == "space" and "\n" in token.text:
        blank = token.text.count("\n") > 1
        if blank or (token.text[-1] == "\n" and following and not _GOES_ON.match(text, token.end)):
            return token.start + token.text.index("\n")
    elif (
        (token.kind == "word" and token.text in _ENDS and before != "." and following != ".")
        or (token.text, following) == ("@", "[")
        or (token.text == "#" and "a" <= following <= "z")
    ):
        return token.start
    return None


def extract_statement(answer: str) -> str:
    """The binders and the proposition at the head of an answer, without `:=` and a proof."""
    text = extract_body(answer)
    depth = 0
    for token in tokens(text):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.kind == "word" and token.text in {"let", "have"}:
            depth = 1  # the `:=` of a `let` belongs to the proposition
        elif depth == 0 and token.kind == "sign" and token.text == ":=":
            return text[: token.start].rstrip()
        elif depth == 1 and _separates(token):
            depth = 0
    return text


def _separates(token: Token) -> bool:
    """Whether a `let` may end here."""
    return token.text == ";" or (token.kind == "space" and "\n" in token.text)


def attempt_seed(seed: int, attempt: int) -> int:
    """The seed of one attempt: the evaluation's own for the first, others for the further ones."""
    if attempt == 0:
        return seed
    digest = hashlib.sha256(f"{seed}/{attempt}".encode()).digest()
    return int.from_bytes(digest[:5], "big")


def evaluate(
    model: Answers,
    problems: Sequence[Problem],
    sandbox: Sandbox,
    *,
    settings: EvaluationSettings,
    seed: int,
    comparison: Comparison | None = None,
    first_row: int = 0,
) -> Evaluation:
    """Ask the student every problem, `settings.attempts` times, and Lean about every answer.

    An answer that is empty, prose, several definitions or endless is a refused or timed-out
    verdict. Without a `comparison` no statement's equivalence is decided.

    Args:
        model: the student.
        problems: what it is asked.
        sandbox: the Lean that judges.
        settings: how it is asked.
        seed: of the first attempt; further attempts have seeds made from it.
        comparison: says whether statements mean the same.
        first_row: the place of the first problem in a longer list that this is a part of.

    Raises:
        EvaluationError: a definition has no tests, so that any would pass it.
        SandboxUnavailable: Lean could not be started or kept alive; there is no score then.
    """
    _require_tests(problems)
    prompts = [problem.prompt for problem in problems]
    asked = []
    for attempt in range(settings.attempts):
        answers = model.complete(
            prompts,
            max_new_tokens=settings.max_new_tokens,
            temperature=settings.temperature,
            seed=attempt_seed(seed, attempt),
            batch_size=settings.batch_size,
            first_row=first_row,
        )
        asked += [_Asked(one, text) for one, text in zip(problems, answers, strict=True)]
    attempts = _judge(asked, sandbox, comparison)
    n = len(problems)
    return Evaluation(
        tuple(
            ProblemRecord.of(problem.id, attempts[place::n], kind=problem.kind)
            for place, problem in enumerate(problems)
        )
    )


class _Asked:
    """One answer to one problem, as Lean is asked about it."""

    def __init__(self, problem: Problem, answer: str) -> None:
        self.problem = problem
        before = problem.before
        given = f"{before}\n\n{problem.signature}" if before else problem.signature
        if problem.kind == "statement":
            self.body = extract_statement(answer)
            stated = f"{problem.signature} {self.body.lstrip()}"
            self.pair = (before, problem.reference, stated)
            self.request = CheckRequest(program=f"{given} {self.body.lstrip()} := sorry")
        else:
            self.body = extract_body(answer)
            self.pair = ("", "", "")
            self.request = CheckRequest(
                program=f"{given} :={self.body}", target=given, tests=hidden_propositions(problem)
            )


def hidden_propositions(problem: Problem) -> tuple[str, ...]:
    """What is asked of a definition: its tests, and what it must refute.

    A proposition to refute says nothing new where a test is about the same call.
    """
    tested = {test.rpartition(" = ")[0] for test in problem.tests}
    others = [one for one in problem.must_fail if one.rpartition(" = ")[0] not in tested]
    return (*problem.tests, *(f"¬ ({one})" for one in others))


def _judge(
    asked: Sequence[_Asked], sandbox: Sandbox, comparison: Comparison | None
) -> list[Attempt]:
    """Every answer's verdict; what was answered twice is asked once."""
    requests = list(dict.fromkeys(one.request for one in asked))
    verdicts = dict(zip(requests, sandbox.check_many(requests), strict=True))
    standing = [one for one in asked if _elaborated(one, verdicts[one.request])]
    found = _compare(standing, comparison)
    attempts = []
    for one in asked:
        verdict, compared = verdicts[one.request], found.get(one.pair)
        if compared is None:
            attempts.append(Attempt(one.body, finding_of(verdict), verdict.accepted))
        else:
            outcome = str(compared.outcome)
            attempts.append(
                Attempt(
                    one.body, finding_of(verdict), outcome == "proven", outcome, compared.detail
                )
            )
    return attempts


def _compare(
    asked: Sequence[_Asked], comparison: Comparison | None
) -> dict[tuple[str, str, str], Compared]:
    """Each different statement compared with its reference once."""
    pairs = list(dict.fromkeys(one.pair for one in asked))
    if comparison is None or not pairs:
        return dict.fromkeys(pairs, _NotCompared())
    befores = [before for before, _, _ in pairs]
    answers = comparison.compare_many([pair[1:] for pair in pairs], definitions=befores)
    return dict(zip(pairs, answers, strict=True))


@dataclass(frozen=True, slots=True)
class _NotCompared:
    """Nobody was there to compare."""

    outcome: str = "unknown"
    detail: str = "not compared"


def _elaborated(asked: _Asked, verdict: Verdict) -> bool:
    """Whether it is a statement that stands: all it lacks is the proof nobody asked for."""
    stated = asked.problem.kind == "statement" and bool(asked.body.strip())
    return stated and verdict.reason == "sorry"


def _require_tests(problems: Sequence[Problem]) -> None:
    for problem in problems:
        if problem.kind == "definition" and not problem.tests:
            raise EvaluationError(
                f"problem {problem.id} has no hidden tests, so any definition would pass it; "
                "add `tests` to it or leave it out"
            )


def finding_of(verdict: Verdict) -> Finding:
    """What of Lean's verdict everybody reads."""
    return Finding(
        outcome=verdict.outcome.value,
        reason=verdict.reason,
        detail=verdict.detail,
        valid=verdict.compiles,
        checker=verdict.lean_version,
    )
