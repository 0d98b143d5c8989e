"""One item of the final task: what is asked, and what the answer is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
    """Modules the reference wants, such as `Mathlib`; the embedded Lean imports nothing."""
    source: str = ""
    """Where it comes from, for a person."""
    licence: str = ""
