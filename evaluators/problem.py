"""One item of the final task: a docstring, the signature asked for, and hidden behaviour tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One Eng2Lean problem. Only `docstring` and `signature` ever reach a student."""

    id: str
    docstring: str
    signature: str
    """A Lean header without `:=`, such as `def f (x : Int) : Int`."""
    tests: tuple[str, ...]
    """Hidden closed propositions about the defined name, such as `f 3 = 7`."""
    reference: str
    """A Lean definition that passes every test."""
