"""How a context is shown to a generator that answers in plain text; no DSPy here.

Pre-training of the embedded generator and every later call share these functions.
"""

from __future__ import annotations


def user_text(python: str, docstring: str) -> str:
    """What the generator reads of one context."""
    return f'"""{docstring}"""\n{python}'


def reply_text(docstring: str, lean: str) -> str:
    """The reply asked for: the docstring as a Lean comment, then the definition."""
    return f"/-- {docstring} -/\n{lean}"
