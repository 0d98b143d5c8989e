"""How strict the filter between candidates and examples is."""

from __future__ import annotations

from typing import Literal

Filter = Literal["none", "compiles", "faithful"]
"""Which candidates become examples: every one with a definition in it, those Lean accepts, or
those Lean accepts and that agree with Python on every known call."""
