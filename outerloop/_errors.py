"""What a program of one's own catches."""

from __future__ import annotations

from typing import Final

from search.errors import KNOWN

OuterloopError: Final = KNOWN
"""Everything that goes wrong on purpose, for `except outerloop.OuterloopError`.

A tuple of the base errors of every package, each of which draws its tree in its `errors.py`. The
message is the one line that the command prints; a fault of the program itself is not among them.
"""
