"""How a command's help reads."""

from __future__ import annotations

import inspect


def paste_first(docstring: str) -> str:
    """A command's help: the paragraph with something to paste before the others."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(sorted(paragraphs, key=lambda text: not text.startswith("outerloop ")))
