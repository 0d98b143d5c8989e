"""Eng2Lean as a `Task`: from an English docstring to Lean 4, judged by a real Lean."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import cast

from evaluators.behaviour.calls import call_tests
from evaluators.eng2lean.contexts import PythonContext, read_context, with_observed_calls
from evaluators.eng2lean.definition import split_definition
from evaluators.eng2lean.evaluate import evaluate, finding_of
from evaluators.eng2lean.form import ADAPTER_CODE, FORM, reply_text, user_text
from evaluators.eng2lean.reply import read_reply
from evaluators.errors import EvaluationError
from evaluators.evaluation import Evaluation
from evaluators.json_rows import JsonRow
from evaluators.leaks.contamination import Passage
from evaluators.leaks.shapes import shape_of_calls
from evaluators.problem import Problem, student_prompt
from evaluators.task import Asked, Candidate, Checked, Checker, Context
from lean_sandbox.policy import REASONS
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome, Verdict
from trainers.dataset import Example


class Eng2Lean:
    """See `evaluators.task.Task`."""

    name = "eng2lean"
    version = "1"
    form = FORM
    no_example = "no_signature"
    reasons: Mapping[str, str] = {
        **{code: reason.meaning for code, reason in REASONS.items()},
        "no_signature": "Not one `def` with a stated type and one body, so no training pair.",
        "unfaithful": "Lean refutes it: it disagrees with Python on a known call.",
        "undecided": "Lean can neither prove nor refute a known call.",
        "no_known_calls": "Faithfulness was asked for, but no known call fits its types.",
    }

    def context(self, row: JsonRow) -> Context:
        """See `Task.context`."""
        return read_context(row)

    def problem(self, row: JsonRow) -> Problem:
        """See `Task.problem`."""
        tests = row.texts("tests")
        if not tests:
            raise row.error("no tests: a problem without tests cannot be failed; add `tests`")
        signature = row.text("signature").strip()
        if signature.endswith(":="):
            raise row.error("`signature` must end before `:=`")
        return Problem(
            id=row.text("id"),
            docstring=row.text("docstring"),
            signature=signature,
            tests=tests,
            reference=row.optional_text("reference") or "",
        )

    def knowing_more(self, contexts: Sequence[Context], *, many: int, seed: int) -> list[Context]:
        """See `Task.knowing_more`: calls whose values Python says."""
        try:
            return [
                with_observed_calls(cast("PythonContext", context), inputs=many, seed=seed)
                for context in contexts
            ]
        except OSError as error:
            raise EvaluationError(
                f"contexts.drawn_inputs: no Python process can be started ({error}); set it to 0"
            ) from error

    def shown(self, inputs: Sequence[str]) -> str:
        """See `Task.shown`."""
        return user_text(*inputs)

    def reply(self, outputs: Sequence[str]) -> str:
        """See `Task.reply`."""
        return reply_text(*outputs)

    def read(self, reply: str) -> tuple[str, ...] | None:
        """See `Task.read`."""
        return read_reply(reply)

    def checker(self, *, workers: int, timeout_seconds: float) -> AbstractContextManager[Checker]:
        """See `Task.checker`."""
        from lean_sandbox.pool import LeanPool

        return LeanPool(workers=workers, timeout_seconds=timeout_seconds)

    def checker_name(self, checker: Checker) -> str:
        """See `Task.checker_name`: the version of the Lean that answers."""
        probe = CheckRequest(program="def version_probe : Nat := 0")
        verdict: Verdict = checker.check_many([probe])[0]
        return verdict.lean_version

    def check(
        self, candidates: Sequence[Candidate], contexts: Sequence[Context], checker: Checker
    ) -> list[Checked]:
        """See `Task.check`: Lean's verdict, and whether it agrees with Python.

        Raises:
            SandboxUnavailable: Lean could not be started or kept alive.
        """
        by_id = {context.id: cast("PythonContext", context) for context in contexts}
        requests = [_request(one, by_id[one.context_id]) for one in candidates]
        verdicts = checker.check_many(requests) if requests else []
        return [_checked(*pair) for pair in zip(candidates, verdicts, strict=True)]

    def example(self, candidate: Candidate, description: str) -> Example | None:
        """See `Task.example`: docstring and signature, then the body."""
        definition = split_definition(candidate.outputs[1])
        if definition is None:
            return None
        return Example(
            prompt=student_prompt(description, definition.signature),
            completion=definition.body,
            context_id=candidate.context_id,
        )

    def context_passage(self, context: Context) -> Passage:
        """See `Task.context_passage`."""
        known = cast("PythonContext", context)
        shape = shape_of_calls((call.arguments, call.value) for call in known.calls)
        return Passage(known.id, "context", known.docstring, name=known.name, shape=shape)

    def passage(self, id: str, kind: str, outputs: Sequence[str], description: str) -> Passage:
        """See `Task.passage`; of a definition that can be split, what its student would see."""
        definition = split_definition(outputs[1])
        lean = f"{definition.signature} :={definition.body}" if definition else outputs[1]
        return Passage(id, kind, description, lean)

    def evaluate(self, asked: Asked, problems: Sequence[Problem], checker: Checker) -> Evaluation:
        """See `Task.evaluate`.

        Raises:
            EvaluationError: the student cannot be loaded, or a definition has no tests.
            SandboxUnavailable: Lean could not be started or kept alive; there is no score then.
        """
        from evaluators.eng2lean.stop_rule import stop_rule
        from evaluators.equivalence.beq_core import BeqCore
        from evaluators.student.model import StudentModel

        model = StudentModel.load(
            student=asked.student,
            adapter=asked.adapter,
            threads=asked.threads,
            stop=stop_rule(problems),
            wanted=asked.form,
        )
        evaluation = evaluate(
            model,
            problems,
            checker,
            settings=asked.settings,
            seed=asked.seed,
            comparison=BeqCore(checker),
        )
        return dataclasses.replace(evaluation, fit=model.fit(problems))

    def adapter_code(self) -> str:
        """See `Task.adapter_code`."""
        return ADAPTER_CODE


def _request(candidate: Candidate, context: PythonContext) -> CheckRequest:
    lean = candidate.outputs[1]
    definition = split_definition(lean)
    if definition is None:
        return CheckRequest(program=lean)
    types = (*definition.parameter_types, definition.result_type)
    return CheckRequest(
        program=lean,
        target=definition.signature,
        tests=call_tests(definition.name, context.calls, types),
    )


def _checked(candidate: Candidate, verdict: Verdict) -> Checked:
    finding = finding_of(verdict)
    if not verdict.compiles:
        return Checked(candidate, finding, None, verdict.reason)
    if not verdict.tests:
        return Checked(candidate, finding, None, "no_known_calls")
    if TestOutcome.FAILED in verdict.tests:
        return Checked(candidate, finding, False, "unfaithful")
    if TestOutcome.UNDECIDED in verdict.tests:
        return Checked(candidate, finding, None, "undecided")
    return Checked(candidate, finding, True)
