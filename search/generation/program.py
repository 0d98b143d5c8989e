"""The generator as a DSPy program: its instruction and demos are the recipe.

The saved state is plain DSPy JSON. Any program with one predictor `write` of the same fields loads
it; sampling settings are no part of it (DSPy does not save them) and stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dspy

from evaluators.eng2lean.reply import read_reply
from evaluators.eng2lean.writing import reply_text, user_text
from search.recipes.recipe import Demo, Recipe


class WriteLean(dspy.Signature):  # type: ignore[misc]
    """Translate the Python function to Lean 4."""

    python: str = dspy.InputField(desc="a Python function")
    docstring_in: str = dspy.InputField(desc="what the function is said to do")
    docstring: str = dspy.OutputField(desc="an English docstring for the Lean definition")
    lean: str = dspy.OutputField(desc="one Lean 4 definition of the same function")


class GeneratorProgram(dspy.Module):  # type: ignore[misc]
    """One predictor, `write`: (python, docstring_in) → (docstring, lean)."""

    def __init__(self) -> None:
        super().__init__()
        self.write = dspy.Predict(WriteLean)

    @classmethod
    def from_recipe(cls, recipe: Recipe) -> GeneratorProgram:
        """The program whose instruction and demos are the recipe's."""
        program = cls()
        program.write.signature = program.write.signature.with_instructions(recipe.instruction)
        program.write.demos = [_example(demo) for demo in recipe.demos]
        return program

    def forward(self, **inputs: Any) -> Any:
        """Write one candidate; `config` passes sampling settings to the language model."""
        return self.write(**inputs)

    def freeze(self, path: Path) -> None:
        """Save instruction and demos as JSON that plain DSPy loads; no model, no secret."""
        frozen = self.deepcopy()
        frozen.set_lm(None)
        frozen.save(str(path))


_NOTHING = {"docstring": "", "lean": ""}


def recipe_parts(program: GeneratorProgram) -> tuple[str, tuple[Demo, ...]]:
    """Instruction and demos as they stand in a program, such as one loaded from a file."""
    demos = tuple(
        Demo(demo["python"], demo["docstring_in"], demo["docstring"], demo["lean"])
        for demo in program.write.demos
    )
    return str(program.write.signature.instructions), demos


def _example(demo: Demo) -> Any:
    return dspy.Example(
        python=demo.python,
        docstring_in=demo.docstring_in,
        docstring=demo.docstring,
        lean=demo.lean,
    ).with_inputs("python", "docstring_in")


class LeanAdapter(dspy.Adapter):  # type: ignore[misc]
    """Shows a context as Python source and reads a documented Lean definition back.

    Much shorter than DSPy's chat form: an instruction, the demos as earlier turns, the context.
    """

    def format(
        self, signature: Any, demos: Sequence[Any], inputs: dict[str, Any]
    ) -> list[dict[str, str]]:
        """The chat messages of one call."""
        messages = [{"role": "system", "content": str(signature.instructions)}]
        for demo in demos:
            messages += [
                {"role": "user", "content": user_text(demo["python"], demo["docstring_in"])},
                {"role": "assistant", "content": reply_text(demo["docstring"], demo["lean"])},
            ]
        content = user_text(inputs["python"], inputs["docstring_in"])
        return [*messages, {"role": "user", "content": content}]

    def parse(self, signature: Any, completion: str) -> dict[str, str]:
        """Read docstring and definition; an unreadable reply is an answer too, an empty one."""
        docstring, lean = read_reply(completion) or ("", "")
        # the one form it was shown has both; a model this small that drops one dropped the other
        return {"docstring": docstring, "lean": lean} if docstring else _NOTHING


class ChatAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """DSPy's chat form, and a reader that does not insist on it; one call for one answer."""

    def __init__(self, *, use_json_adapter_fallback: bool = False) -> None:
        super().__init__(use_json_adapter_fallback=use_json_adapter_fallback)

    def parse(self, signature: Any, completion: str) -> dict[str, str]:
        """Read docstring and definition; an unreadable reply is an answer too, an empty one."""
        docstring, lean = read_reply(completion) or ("", "")
        return {"docstring": docstring, "lean": lean}
