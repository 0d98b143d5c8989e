"""Instruction writers: DSPy's proposers, asked for one instruction at a time.

DSPy's optimisers come with a loop of their own, which would score instructions on rows. Here only
the part that writes is used; what an instruction is worth is found out by trials.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import dspy
from dspy.propose.dataset_summary_generator import create_dataset_summary
from dspy.propose.grounded_proposer import TIPS, GroundedProposer
from dspy.teleprompt.gepa import InstructionProposer
from dspy.utils.exceptions import AdapterParseError

from engines.errors import PromptRefused
from engines.language_model import open_model
from engines.settings import GeneratorSettings
from evaluators.task import Demo, Form, Task
from search.generation.program import GeneratorProgram, example_of
from search.generation.prompting import named
from search.recipes.recipe import Recipe
from search.settings.proposals import Source

_RULES = (
    "Keep what the current instruction says and add at most three short sentences. Write rules "
    "that hold for every function; quote no task, no docstring and no code of the examples: "
    "instructions that do are thrown away."
)


def _unexpected(record: logging.LogRecord) -> bool:
    """Drops what DSPy says of its own proposer: it hands over what `program_aware` would need."""
    return "program_code" not in record.getMessage()


logging.getLogger("dspy.predict.predict").addFilter(_unexpected)


class _Writer:
    """What both writers share: the model, and what its failures mean.

    Args:
        lm: a DSPy language model.
        fingerprint: what names it.
        task: what is written about.
    """

    def __init__(self, lm: Any, fingerprint: str, task: Task) -> None:
        self.fingerprint = fingerprint
        self._form = task.form
        self._lm = lm
        self._adapter = dspy.ChatAdapter(use_json_adapter_fallback=False)

    def write(self, brief: Brief, *, seed: int) -> str:
        """See `search.generation.instruction_writing.InstructionWriter.write`."""
        # another rollout at every call: an endpoint's own seed would give the same text for ever
        lm = self._lm.copy(rollout_id=seed, temperature=1.0)
        try:
            with dspy.context(lm=lm, adapter=self._adapter):
                return self._write(lm, brief, random.Random(seed))
        except (AdapterParseError, PromptRefused):
            return ""  # an answer without an instruction in it: a draft that is refused as empty

    def _write(self, lm: Any, brief: Brief, chance: random.Random) -> str:
        raise NotImplementedError


class GroundedWriter(_Writer):
    """MIPROv2's grounded proposer: what the data are like, good rows, past instructions, a tip."""

    def __init__(self, lm: Any, fingerprint: str, task: Task) -> None:
        super().__init__(lm, fingerprint, task)
        self._summary: str | None = None

    def _write(self, lm: Any, brief: Brief, chance: random.Random) -> str:
        program = GeneratorProgram.from_recipe(Recipe(brief.instruction), self._form)
        trainset = [
            dspy.Example(**named(self._form.inputs, inputs)).with_inputs(
                *(field.name for field in self._form.inputs)
            )
            for inputs in brief.contexts
        ]
        proposer = GroundedProposer(
            lm,
            program,
            trainset,
            use_dataset_summary=False,  # made below, once, where its failures are seen
            program_aware=False,
            set_tip_randomly=False,
            set_history_randomly=False,
            rng=chance,
        )
        if self._summary is None:
            self._summary = create_dataset_summary(trainset, len(trainset) or 1, lm)
        proposer.use_dataset_summary, proposer.data_summary = True, self._summary
        good = [example_of(demo, self._form, augmented=True) for demo in brief.good]
        with TemporaryDirectory() as folder:
            return str(
                proposer.propose_instruction_for_predictor(
                    program=program,
                    predictor=program.write,
                    pred_i=0,
                    demo_candidates={0: [[], good]},
                    demo_set_i=1,  # DSPy shows no demos to the first set
                    trial_logs=_logs(brief, Path(folder), self._form),
                    tip=f"{TIPS[chance.choice(sorted(TIPS))]} {_limit(brief)}".strip(),
                )
            )


class ReflectingWriter(_Writer):
    """GEPA's reflection, on what Lean said of the student's answers and of refused rows."""

    def _write(self, lm: Any, brief: Brief, chance: random.Random) -> str:
        rules = f"{_RULES} {_limit(brief)}"
        propose = InstructionProposer(additional_instructions=rules, adapter=self._adapter)
        told = [
            {
                "Inputs": lesson.asked,
                "Generated Outputs": lesson.wrote,
                "Feedback": lesson.feedback,
            }
            for lesson in brief.lessons
        ]
        chance.shuffle(told)
        written = propose({"write": brief.instruction}, {"write": told}, ["write"])
        return str(written.get("write", ""))


def make_writers(settings: GeneratorSettings, task: Task) -> dict[Source, InstructionWriter]:
    """A writer for each source that needs a language model; the endpoint is not called yet.

    Raises:
        ModelUnavailable: a local model cannot be loaded, or the key's variable is not set.
    """
    model = open_model(settings, setting="proposals.lm")
    return {
        "grounded": GroundedWriter(model.lm, model.fingerprint, task),
        "reflected": ReflectingWriter(model.lm, model.fingerprint, task),
    }


def _limit(brief: Brief) -> str:
    return (
        "Begin with the current instruction, word for word, and go on with at most "
        f"{brief.longest} characters of your own; longer instructions are thrown away."
    )


def _logs(brief: Brief, folder: Path, form: Form) -> dict[int, dict[str, object]]:
    """Past instructions in the form DSPy reads them: programs in files."""
    logs: dict[int, dict[str, object]] = {}
    for place, (instruction, score) in enumerate(brief.past):
        path = folder / f"{place}.json"
        GeneratorProgram.from_recipe(Recipe(instruction), form).freeze(path)
        logs[place] = {"program_path": str(path), "score": round(100 * score, 1)}
    return logs


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something that went wrong, and what the checker said of it."""

    asked: dict[str, str]
    wrote: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything an instruction writer may know. Plain data: it is hashed, and kept."""

    instruction: str
    """The best trial's."""
    past: tuple[tuple[str, float], ...]
    """Instructions that were tried, with their scores, the best first."""
    contexts: tuple[tuple[str, ...], ...]
    """What the generator reads of some contexts."""
    good: tuple[Demo, ...]
    """Faithful rows."""
    lessons: tuple[Lesson, ...]
    longest: int
    """Characters that may be added to the instruction."""


class InstructionWriter(Protocol):
    """Writes an instruction from a brief, with a language model."""

    fingerprint: str
    """Names the model: see `search.generation.generator.Generator`."""

    def write(self, brief: Brief, *, seed: int) -> str:
        """A whole instruction, or what to add to the brief's.

        Raises:
            ModelUnavailable: the model cannot be reached or keeps failing.
            BudgetSpent: a call's worst case does not fit into what is left of the study's budget.
        """
        ...
