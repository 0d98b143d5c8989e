"""How a context is shown to a generator and how its reply is read: plain text, no DSPy here.

Pre-training of the embedded generator and every later call share these functions.
"""

from __future__ import annotations

import re

_REPLY = re.compile(r"/--(?P<docstring>.*?)-/\s*(?P<lean>.+)", re.DOTALL)
_FENCE = re.compile(r"```[a-zA-Z0-9]*\n(.*?)```", re.DOTALL)


def user_text(python: str, docstring: str) -> str:
    """What the generator reads of one context."""
    return f'"""{docstring}"""\n{python}'


def reply_text(docstring: str, lean: str) -> str:
    """The reply asked for: the docstring as a Lean comment, then the definition."""
    return f"/-- {docstring} -/\n{lean}"


def read_reply(text: str) -> tuple[str, str] | None:
    """The docstring and the definition in a reply, or None where it holds none.

    A Markdown fence around the reply, and talk before or after the fence, are dropped.
    """
    fenced = _FENCE.search(text)
    match = _REPLY.search(fenced.group(1) if fenced else text)
    if match is None:
        return None
    docstring = " ".join(match["docstring"].split())
    lean = match["lean"].strip()
    return (docstring, lean) if docstring and lean else None
