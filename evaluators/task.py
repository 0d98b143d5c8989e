"""The seam between a search and the final task its students are scored on.

A search moves texts: it shows a context to a generator in the task's form, has what was written
checked, trains a student on what passes the filter and asks it the task's problems. Everything
that knows what these texts mean is a `Task`; `evaluators.eng2lean` is one. A recipe's filters mean
the same for every task: `none` takes whatever can be read, `compiles` what the checker takes by
itself, `faithful` what agrees with all that is known of its context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from evaluators.evaluation import Evaluation, Finding
from evaluators.json_rows import JsonRow
from evaluators.leaks.contamination import Passage
from evaluators.problem import Problem
from trainers.adapter import Adapter
from trainers.dataset import Example

if TYPE_CHECKING:
    from engines.prompt_form import WantedForm
    from evaluators.settings import EvaluationSettings


@dataclass(frozen=True, slots=True)
class Field:
    """One text that a generator reads or writes."""

    name: str
    """In the generator's program, and in files."""
    about: str
    """What a language model is told it is."""
    label: str
    """What a person is told it is."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a generator reads and writes, text by text."""

    instruction: str
    """What an untuned program is told to do."""
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    told: str
    """The input that describes a context in words."""
    described: str
    """The output that describes, in words, what was written."""

    def input(self, texts: Sequence[str], name: str) -> str:
        """The text of the input of that name."""
        return texts[[field.name for field in self.inputs].index(name)]

    def output(self, texts: Sequence[str], name: str) -> str:
        """The text of the output of that name."""
        return texts[[field.name for field in self.outputs].index(name)]


@dataclass(frozen=True, slots=True)
class Demo:
    """One worked pair shown to the generator: texts in the order of the form's fields."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What one training example is made from; a task may know more of it."""

    id: str
    inputs: tuple[str, ...]
    """In the order of the form's inputs."""
    licence: str = ""
    contributor: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer of the generator."""

    context_id: str
    attempt: int
    outputs: tuple[str, ...]
    """In the order of the form's outputs; empty texts where nothing could be read."""
    unreadable: str = ""
    """Empty, or why nothing could be read: one of `search.trial.rows.REFUSALS`."""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A candidate with what was found; `finding` is None where there was nothing to check."""

    candidate: Candidate
    finding: Finding | None
    faithful: bool | None
    """Whether it agrees with everything known of its context; None where that is not decided."""
    doubt: str = ""
    """Why it is not faithful: one of the task's `reasons`."""


class Checker(Protocol):
    """Answers a task's requests, in batches: a pool of Lean workers, a unit-test runner.

    An answer has `seconds`, the time it took.
    """

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """Answer `i` belongs to request `i`.

        Raises:
            Exception: the checker could not be started or kept alive; never an answer instead.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A student that is put to the problems, and how."""

    student: str
    """A model folder, or a hub id."""
    adapter: Adapter | None
    """None asks the bare student."""
    settings: EvaluationSettings
    form: WantedForm
    threads: int
    seed: int


class Task(Protocol):
    """A final task; every method is a function of its arguments."""

    name: str
    version: str
    """Stands in the inputs of every stage: another version answers anew."""
    form: Form
    reasons: Mapping[str, str]
    """What every reason that the task or its checker gives means, in a sentence."""
    no_example: str
    """The reason of a candidate that passes its filter and has no example in it."""

    def context(self, row: JsonRow) -> Context:
        """The context in a row of a contexts file.

        Raises:
            RowsError: the row cannot be one.
        """
        ...

    def problem(self, row: JsonRow) -> Problem:
        """The problem in a row of a problems file.

        Raises:
            RowsError: the row cannot be one.
        """
        ...

    def knowing_more(self, contexts: Sequence[Context], *, many: int, seed: int) -> list[Context]:
        """The contexts with up to `many` more facts each that candidates can be held against."""
        ...

    def shown(self, inputs: Sequence[str]) -> str:
        """A context as a generator reads it that answers in plain text."""
        ...

    def reply(self, outputs: Sequence[str]) -> str:
        """What such a generator is to answer."""
        ...

    def read(self, reply: str) -> tuple[str, ...] | None:
        """The outputs in a reply, however it wraps them; None where it holds none."""
        ...

    def checker(self, *, workers: int, timeout_seconds: float) -> AbstractContextManager[Checker]:
        """What checks, to be started when it is entered; of Eng2Lean the embedded Lean.

        Args:
            workers: processes side by side.
            timeout_seconds: for one request.
        """
        ...

    def checker_name(self, checker: Checker) -> str:
        """What a checker calls itself, for people; it has to work for that."""
        ...

    def check(
        self, candidates: Sequence[Candidate], contexts: Sequence[Context], checker: Checker
    ) -> list[Checked]:
        """What a checker finds; result `i` is candidate `i`. All of them can be read."""
        ...

    def example(self, candidate: Candidate, description: str) -> Example | None:
        """The training pair of a candidate under a description; None where there is none in it."""
        ...

    def context_passage(self, context: Context) -> Passage:
        """What of a context may give a problem away."""
        ...

    def passage(self, id: str, kind: str, outputs: Sequence[str], description: str) -> Passage:
        """What of a written text may give a problem away."""
        ...

    def evaluate(self, asked: Asked, problems: Sequence[Problem], checker: Checker) -> Evaluation:
        """Put the problems to a student.

        Raises:
            EvaluatorsError: it cannot be asked, or a problem cannot be judged.
        """
        ...

    def adapter_code(self) -> str:
        """Python source of a DSPy adapter `PlainAdapter`: messages like `shown` and `reply`."""
        ...
