"""Training pairs, and the one place that says what a student's prompt looks like.

Training and evaluation both call `student_prompt`; a prompt that differs between the two is the
commonest silent bug in fine-tuning.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One training pair that passed the filter."""

    prompt: str
    """What the student reads, from `student_prompt`."""
    completion: str
    """What the student should write: the body of the definition, without the signature."""
    context_id: str
    """The context it was made from."""


def student_prompt(docstring: str, signature: str) -> str:
    r"""The text a student continues: the docstring as a Lean comment, then the signature.

    >>> print(student_prompt("Twice x.", "def f (x : Int) : Int"))
    /-- Twice x. -/
    def f (x : Int) : Int :=
    """
    return f"/-- {docstring} -/\n{signature} :="
