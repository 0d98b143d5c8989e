"""The seam for writing candidates: a recipe and contexts in, candidates out."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from engines import meter, notices
from engines.errors import PromptRefused
from engines.language_model import open_model
from engines.ledger import Cost
from engines.settings import GeneratorSettings
from engines.side_by_side import side_by_side
from evaluators.task import Candidate, Context, Task
from search.generation.prompting import adapter_for, named
from search.recipes.recipe import Recipe


class Generator(Protocol):
    """Writes candidates from contexts under a recipe.

    The same recipe, contexts and seed give the same candidates where the model behind it allows
    (an endpoint may not).
    """

    fingerprint: str
    """Names the weights: a hash for local ones, model and address for an endpoint."""

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """Write `recipe.attempts` candidates per context, in the order of the contexts.

        Raises:
            ModelUnavailable: the model cannot be reached or keeps failing.
        """
        ...


class DSPyGenerator:
    """Runs the recipe's DSPy program over the contexts, many calls at a time.

    Args:
        lm: a `engines.paid_lm.PaidLM`, which pays for its calls.
        task: what contexts and replies are about.
        adapter: the DSPy adapter that shows contexts and reads replies.
        fingerprint: names the weights.
        settings: how many calls at a time.
    """

    def __init__(
        self, lm: Any, task: Task, adapter: Any, *, fingerprint: str, settings: GeneratorSettings
    ) -> None:
        self.fingerprint = fingerprint
        self._form = task.form
        self._lm = lm
        self._adapter = adapter
        self._settings = settings

    def write(self, recipe: Recipe, contexts: Sequence[Context], *, seed: int) -> list[Candidate]:
        """See `Generator.write`.

        Raises:
            BudgetSpent: a call's worst case does not fit into what is left of the study's budget.
            EndpointExhausted: the endpoint wants no more requests for now.
        """
        from search.generation.program import GeneratorProgram

        program = GeneratorProgram.from_recipe(recipe, self._form)
        jobs = [(context, attempt) for context in contexts for attempt in range(recipe.attempts)]
        refused = _Refused()

        def run(job: tuple[Context, int]) -> Candidate:
            context, attempt = job
            config: dict[str, object] = {
                "temperature": recipe.temperature,
                "seed": call_seed(seed, context.id, attempt),
            }
            return self._candidate(program, context, attempt, config, refused)

        written = side_by_side(run, jobs, at_once=self._settings.concurrent_calls)
        refused.note(of=len(jobs), settings=self._settings)
        return written

    def worst_case(self, recipe: Recipe, contexts: Sequence[Context]) -> Cost:
        """What one candidate of each context may cost at most."""
        from engines.paid_lm import worst_case
        from search.generation.program import GeneratorProgram

        predictor = GeneratorProgram.from_recipe(recipe, self._form).write
        total = Cost()
        for context in contexts:
            inputs = named(self._form.inputs, context.inputs)
            messages = self._adapter.format(predictor.signature, predictor.demos, inputs)
            total += worst_case(self._lm.terms, [str(one["content"]) for one in messages])
        return total

    def _candidate(
        self,
        program: Any,
        context: Context,
        attempt: int,
        config: dict[str, object],
        refused: _Refused,
    ) -> Candidate:
        import dspy
        from dspy.utils.exceptions import AdapterParseError

        outputs = tuple("" for _ in self._form.outputs)
        unreadable = "unreadable"
        with meter.apart() as used:  # an answer that cannot be read was paid for too
            try:
                with dspy.context(lm=self._lm, adapter=self._adapter):
                    inputs = named(self._form.inputs, context.inputs)
                    prediction = program(**inputs, config=config)
                outputs = tuple(prediction[field.name] or "" for field in self._form.outputs)
                unreadable = "" if outputs[-1].strip() else "unreadable"
            except PromptRefused as refusal:
                unreadable = refusal.code
                refused.add(refusal)
            except AdapterParseError:
                pass  # an empty reply
        return Candidate(
            context_id=context.id,
            attempt=attempt,
            outputs=outputs,
            unreadable=unreadable,
            input_tokens=used.used.input_tokens,
            output_tokens=used.used.output_tokens,
        )


class _Refused:
    """The prompts of one stage that have no answer, by reason; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._words: dict[str, str] = {}

    def add(self, refusal: PromptRefused) -> None:
        """Count one, and remember the first one's words."""
        with self._lock:
            self._counts[refusal.code] += 1
            self._words.setdefault(refusal.code, refusal.words)

    def note(self, *, of: int, settings: GeneratorSettings) -> None:
        """Write down what was said, the first of each reason; say what a setting would mend."""
        for code, count in sorted(self._counts.items()):
            meter.current().note(f"{code}, {count} of {of} prompts: {self._words[code]}")
        if cut := self._counts["cut_off"]:
            notices.say(
                f"{cut} of {of} replies were cut off at generator.max_new_tokens = "
                f"{settings.max_new_tokens}; raise it"
            )


def call_seed(seed: int, context_id: str, attempt: int) -> int:
    """The sampling seed of one call, below 2^31: its own for each context and attempt."""
    text = f"{seed}/{context_id}/{attempt}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1


def make_generator(
    settings: GeneratorSettings, task: Task, *, adapter: Any = None
) -> DSPyGenerator:
    """Load a local model, or prepare calls to an endpoint (which is not called yet).

    Args:
        settings: which model, and how it is called.
        task: what it writes for.
        adapter: what writes its messages; None is what a search writes them with.

    Raises:
        ModelUnavailable: the local model cannot be loaded, or the key's variable is not set.
    """
    model = open_model(settings, setting="generator")
    return DSPyGenerator(
        model.lm,
        task,
        adapter or adapter_for(settings.model, task),
        fingerprint=model.fingerprint,
        settings=settings,
    )
