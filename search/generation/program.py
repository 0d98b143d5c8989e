"""The generator as a DSPy program: its instruction and demos are the recipe.

The saved state is plain DSPy JSON. Any program with one predictor `write` of the same fields loads
it; sampling settings are no part of it (DSPy does not save them) and stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dspy

from evaluators.task import Demo, Form, Task
from search.generation.prompting import named
from search.recipes.recipe import Recipe


class GeneratorProgram(dspy.Module):  # type: ignore[misc]
    """One predictor, `write`: from the inputs of a form to its outputs."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.write = dspy.Predict(signature_of(form))

    @classmethod
    def from_recipe(cls, recipe: Recipe, form: Form) -> GeneratorProgram:
        """The program whose instruction and demos are the recipe's."""
        program = cls(form)
        program.write.signature = program.write.signature.with_instructions(recipe.instruction)
        program.write.demos = [example_of(demo, form) for demo in recipe.demos]
        return program

    def forward(self, **inputs: Any) -> Any:
        """Write one candidate; `config` passes sampling settings to the language model."""
        return self.write(**inputs)

    def freeze(self, path: Path) -> None:
        """Save instruction and demos as JSON that plain DSPy loads; no model, no secret."""
        frozen = self.deepcopy()
        frozen.set_lm(None)
        frozen.save(str(path))


def signature_of(form: Form) -> Any:
    """A form as a DSPy signature."""
    fields: dict[str, Any] = {
        field.name: (str, dspy.InputField(desc=field.about)) for field in form.inputs
    }
    fields |= {field.name: (str, dspy.OutputField(desc=field.about)) for field in form.outputs}
    return dspy.Signature(fields, form.instruction)


def example_of(demo: Demo, form: Form, **more: Any) -> Any:
    """A demo as DSPy shows it."""
    texts = named(form.inputs, demo.inputs) | named(form.outputs, demo.outputs)
    return dspy.Example(**texts, **more).with_inputs(*(field.name for field in form.inputs))


def recipe_parts(program: GeneratorProgram, form: Form) -> tuple[str, tuple[Demo, ...]]:
    """Instruction and demos as they stand in a program, such as one loaded from a file."""
    demos = tuple(
        Demo(
            tuple(demo[field.name] for field in form.inputs),
            tuple(demo[field.name] for field in form.outputs),
        )
        for demo in program.write.demos
    )
    return str(program.write.signature.instructions), demos


class PlainAdapter(dspy.Adapter):  # type: ignore[misc]
    """Shows a context and reads a reply as the task's plain text.

    Much shorter than DSPy's chat form: an instruction, the demos as earlier turns, the context.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task

    def format(
        self, signature: Any, demos: Sequence[Any], inputs: dict[str, Any]
    ) -> list[dict[str, str]]:
        """The chat messages of one call."""
        form = self._task.form

        def asked(texts: Any) -> str:
            return self._task.shown([texts[field.name] for field in form.inputs])

        messages = [{"role": "system", "content": str(signature.instructions)}]
        for demo in demos:
            reply = self._task.reply([demo[field.name] for field in form.outputs])
            messages += [
                {"role": "user", "content": asked(demo)},
                {"role": "assistant", "content": reply},
            ]
        return [*messages, {"role": "user", "content": asked(inputs)}]

    def parse(self, signature: Any, completion: str) -> dict[str, str]:
        """Read the outputs; an unreadable reply is an answer too, an empty one."""
        outputs = _read(self._task, completion)
        # the one form it was shown has all; a model this small that drops one dropped the others
        nothing = not outputs[self._task.form.described]
        return dict.fromkeys(outputs, "") if nothing else outputs


class ChatAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """DSPy's chat form, and a reader that does not insist on it; one call for one answer."""

    def __init__(self, task: Task, *, use_json_adapter_fallback: bool = False) -> None:
        super().__init__(use_json_adapter_fallback=use_json_adapter_fallback)
        self._task = task

    def parse(self, signature: Any, completion: str) -> dict[str, str]:
        """Read the outputs; an unreadable reply is an answer too, an empty one."""
        return _read(self._task, completion)


def _read(task: Task, completion: str) -> dict[str, str]:
    fields = task.form.outputs
    return named(fields, task.read(completion) or tuple("" for _ in fields))
