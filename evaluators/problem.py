"""One item of the final task: what is asked, and what the answer is judged by.

What people get wrong: a prompt that differs between training and evaluation, which nothing notices
but the score. `student_prompt` is the one place that says what it looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lean_sandbox.wasm import IMPORTS


@dataclass(frozen=True, slots=True)
class Problem:
    """One Eng2Lean problem. Only `docstring`, `preamble` and `signature` ever reach a student."""

    id: str
    docstring: str
    signature: str
    """A Lean header without `:=`, such as `def f (x : Int) : Int`; of a statement only
    `theorem NAME`, since the rest is the answer."""
    tests: tuple[str, ...]
    """Hidden closed propositions about the defined name, such as `f 3 = 7`; empty for a
    statement, which is judged by its equivalence to the reference."""
    reference: str
    """A Lean definition that passes every test, its helpers before it; of a statement the whole
    `theorem NAME … : …` without `:=` and proof."""
    kind: Literal["definition", "statement"] = "definition"
    must_fail: tuple[str, ...] = ()
    """Propositions that a right definition refutes."""
    preamble: str = ""
    """Lean that is given to the student and stands before its answer: `open` lines, types."""
    imports: tuple[str, ...] = ()
    """Modules the reference wants, such as `Mathlib` or `Std.Data.HashMap`."""
    source: str = ""
    """Where it comes from, for a person."""
    licence: str = ""

    @property
    def prompt(self) -> str:
        """What a student reads of it; the same text it was trained on for a definition."""
        prompt = student_prompt(self.docstring, self.signature)
        if self.kind == "statement":
            prompt = prompt.removesuffix(" :=")
        return f"{self.preamble}\n\n{prompt}" if self.preamble else prompt

    @property
    def before(self) -> str:
        """What stands before signature, answer and reference in Lean: imports, then the preamble.

        Of the imports only those that every Lean here takes; what needs another library is
        refused by Lean, by the name it lacks. A student may use what is imported.
        """
        modules = dict.fromkeys(_WHOLE.get(module, module) for module in self.imports)
        lines = [f"import {module}" for module in modules if _is_at_hand(module)]
        return "\n".join([*lines, *filter(None, [self.preamble])])


_WHOLE = {"Std": "Std.Data"}
"""A library, and the part of it that programs may import."""


def _is_at_hand(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in IMPORTS)


def student_prompt(docstring: str, signature: str) -> str:
    r"""The text a student continues: the docstring as a Lean comment, then the signature.

    >>> print(student_prompt("Twice x.", "def f (x : Int) : Int"))
    /-- Twice x. -/
    def f (x : Int) : Int :=
    """
    return f"/-- {docstring} -/\n{signature} :="
