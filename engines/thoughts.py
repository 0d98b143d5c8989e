"""What a model thinks aloud before it answers."""

from __future__ import annotations

import re

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.I)


_THOUGHT_END = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.I)


def without_thoughts(text: str) -> str:
    """A reply without what a model thought aloud; a thought that never ends is all there is."""
    return _THOUGHT_END.sub("", _THOUGHT.sub("", text))
