"""A final task that has nothing to do with Lean: a word is shouted.

A context is a word, what is written about it is its shout and a remark, a shout is checked by
`Ear`, and a student passes as many problems as it saw right examples.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluators.evaluation import Attempt, Evaluation, Finding, ProblemRecord
from evaluators.json_rows import JsonRow
from evaluators.leaks.contamination import Passage
from evaluators.problem import Problem
from evaluators.task import Asked, Candidate, Checked, Checker, Context, Field, Form
from search.recipes.recipe import Recipe
from search.settings.study import StudySettings
from search.trial.machines import Parts, StudentLearner, real_parts
from trainers.adapter import Adapter
from trainers.dataset import Example
from trainers.request import FineTune


@dataclass(frozen=True, slots=True)
class Heard:
    """What an ear says of one shout."""

    loud: bool
    seconds: float = 0.001


class Ear:
    """A `Checker`: a shout is loud when it is in capitals."""

    def check_many(self, requests: Sequence[str]) -> list[Heard]:
        return [Heard(request.isupper()) for request in requests]

    def __enter__(self) -> Ear:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Shouting:
    """See `evaluators.task.Task`."""

    name = "shouting"
    version = "1"
    form = Form(
        instruction="Shout the word.",
        inputs=(Field("word", "a word", "the word"), Field("about", "what it is", "about it")),
        outputs=(Field("remark", "what is shouted", "remark"), Field("shout", "it", "the shout")),
        told="about",
        described="remark",
    )
    no_example = "no_shout"
    reasons: Mapping[str, str] = {
        "quiet": "Nobody heard it.",
        "wrong": "It is another word's shout.",
        "no_shout": "There is no shout in it.",
    }

    def context(self, row: JsonRow) -> Context:
        return Context(row.text("id"), (row.text("word"), row.text("about")), contributor="crowd")

    def problem(self, row: JsonRow) -> Problem:
        return Problem(row.text("id"), row.text("asked"), "", (), row.text("answer"))

    def knowing_more(self, contexts: Sequence[Context], *, many: int, seed: int) -> list[Context]:
        return list(contexts)

    def shown(self, inputs: Sequence[str]) -> str:
        return " - ".join(inputs)

    def reply(self, outputs: Sequence[str]) -> str:
        return " | ".join(outputs)

    def read(self, reply: str) -> tuple[str, ...] | None:
        remark, bar, shout = reply.partition(" | ")
        return (remark, shout) if bar else None

    def check(
        self, candidates: Sequence[Candidate], contexts: Sequence[Context], checker: Checker
    ) -> list[Checked]:
        words = {context.id: context.inputs[0] for context in contexts}
        heard = checker.check_many([candidate.outputs[1] for candidate in candidates])
        return [
            _checked(candidate, words[candidate.context_id], ear.loud)
            for candidate, ear in zip(candidates, heard, strict=True)
        ]

    def example(self, candidate: Candidate, description: str) -> Example | None:
        shout = candidate.outputs[1]
        return Example(f"{description}:", f" {shout}", candidate.context_id) if shout else None

    def context_passage(self, context: Context) -> Passage:
        return Passage(context.id, "context", context.inputs[1], name=context.inputs[0])

    def passage(self, id: str, kind: str, outputs: Sequence[str], description: str) -> Passage:
        return Passage(id, kind, description, outputs[1])

    def checker(self, *, workers: int, timeout_seconds: float) -> Ear:
        return Ear()

    def checker_name(self, checker: Checker) -> str:
        return "an ear"

    def evaluate(self, asked: Asked, problems: Sequence[Problem], checker: Checker) -> Evaluation:
        right = 0
        if asked.adapter is not None:
            right = json.loads((asked.adapter.path / "weights.json").read_text("utf-8"))["right"]
        return Evaluation(
            tuple(
                ProblemRecord.of(problem.id, [_answer(problem, place < right)])
                for place, problem in enumerate(problems)
            )
        )

    def adapter_code(self) -> str:
        return "class PlainAdapter(dspy.Adapter):\n    pass"


SHOUTING = Shouting()


def _checked(candidate: Candidate, word: str, loud: bool) -> Checked:
    outcome, reason = ("accepted", "") if loud else ("refused", "quiet")
    finding = Finding(outcome, reason, "" if loud else "silence", loud, "an ear")
    right = candidate.outputs[1].lower() == word
    return Checked(
        candidate, finding, right if loud else None, reason or ("" if right else "wrong")
    )


def _answer(problem: Problem, passed: bool) -> Attempt:
    outcome, reason = ("accepted", "") if passed else ("refused", "quiet")
    answer = problem.reference if passed else "hush"
    return Attempt(answer, Finding(outcome, reason, "", passed, "an ear"), passed)


class Crowd:
    """A generator: it shouts when it is told to be loud, and whispers otherwise."""

    fingerprint = "a crowd"

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        loud = "loud" in recipe.instruction
        return [
            Candidate(
                context.id,
                attempt,
                (f"{context.inputs[1]}, {seed}", context.inputs[0].upper() if loud else "psst"),
                input_tokens=3,
                output_tokens=2,
            )
            for context in contexts
            for attempt in range(recipe.attempts)
        ]


class Parrot(StudentLearner):
    """Learns by heart; asked through the task, as every student is."""

    def train(self, asked: FineTune) -> Adapter:
        asked.out_dir.mkdir(parents=True)
        right = sum(example.completion.isupper() for example in asked.examples)
        weights = json.dumps({"right": right})
        (asked.out_dir / "weights.json").write_text(weights, encoding="utf-8")
        sha256 = hashlib.sha256(weights.encode()).hexdigest()
        return Adapter(
            path=asked.out_dir,
            kind="full",
            student=asked.student,
            sha256=sha256,
            steps=1,
            tokens=len(asked.examples),
            final_loss=0.1,
            seconds=0.0,
        )


def shouting_parts() -> Parts:
    """Machines for `Shouting`."""
    return dataclasses.replace(real_parts(), require=_nothing, generator=_crowd, learner=Parrot)


def _nothing(_: StudySettings) -> tuple[str, ...]:
    return ()


def _crowd(_: StudySettings) -> Crowd:
    return Crowd()
