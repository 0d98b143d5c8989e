"""How a generator is asked through DSPy: the one place that says which adapter, with what options.

What people get wrong: a DSPy program is not its prompt. The adapter writes the messages, and
neither `program.json` nor another process knows which one it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from engines.prices import is_local
from evaluators.task import Field, Form, Task
from search.errors import PipelineError
from search.recipes.recipe import Recipe

AdapterName: TypeAlias = Literal["dspy.ChatAdapter", "PlainAdapter"]


class Prompting(BaseModel):
    """The adapter that writes a generator's messages, and what it wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    adapter: AdapterName
    """DSPy's class, or the one that a pipeline's card holds in full."""
    options: dict[str, bool] = {}
    """What it is made with."""
    dspy_version: str
    """The DSPy that wrote the messages of the search."""
    probe_sha256: str
    """SHA-256 of the messages that the recipe makes of fixed inputs, as JSON."""

    @classmethod
    def of(cls, model: str, recipe: Recipe, task: Task) -> Prompting:
        """How the generator of this name is asked, by the DSPy that is installed."""
        import dspy

        adapter, options = _chosen(model)
        return cls(
            adapter=adapter,
            options=options,
            dspy_version=dspy.__version__,
            probe_sha256=_probed(_make(adapter, options, task), recipe, task.form),
        )

    def make(self, recipe: Recipe, task: Task) -> Any:
        """The adapter itself.

        Raises:
            PipelineError: this process's DSPy writes other messages with it.
        """
        import dspy

        made = _make(self.adapter, self.options, task)
        if _probed(made, recipe, task.form) != self.probe_sha256:
            raise PipelineError(
                f"DSPy {dspy.__version__} writes the prompt otherwise than the search's DSPy "
                f"{self.dspy_version}; install dspy=={self.dspy_version}, or search again"
            )
        return made


def named(fields: Sequence[Field], texts: Sequence[str]) -> dict[str, str]:
    """Texts under the names of their fields."""
    return {field.name: text for field, text in zip(fields, texts, strict=True)}


def adapter_for(model: str, task: Task) -> Any:
    """The adapter that a search asks the generator of this name with."""
    return _make(*_chosen(model), task)


def _chosen(model: str) -> tuple[AdapterName, dict[str, bool]]:
    if is_local(model):
        return "PlainAdapter", {}
    # a reply that cannot be read is one, and no second call is made for it
    return "dspy.ChatAdapter", {"use_json_adapter_fallback": False}


def _make(adapter: AdapterName, options: Mapping[str, bool], task: Task) -> Any:
    from search.generation.program import ChatAdapter, PlainAdapter

    # ours writes DSPy's messages, and reads more replies
    return (PlainAdapter if adapter == "PlainAdapter" else ChatAdapter)(task, **options)


def _probed(adapter: Any, recipe: Recipe, form: Form) -> str:
    from search.generation.program import GeneratorProgram

    write = GeneratorProgram.from_recipe(recipe, form).write
    probe = {field.name: f"{field.label} of nothing\n" for field in form.inputs}
    messages = adapter.format(write.signature, write.demos, probe)
    return hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()
