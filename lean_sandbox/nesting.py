"""How deeply a Lean text nests its brackets, read the way Lean's own tokens are.

What people get wrong: counting brackets that are no code, in comments, strings and character
literals, or taking the `'` of a name like `x'` for the beginning of one.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      --[^\n]*
    | (?P<comment>/-.?)
    | r(?P<hashes>\#*)"
    | (?P<interpolated>(?:s!|m!|f!|println!)\s*")
    | (?P<string>")
    | '(?:\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|[^'\\])'
    | «[^»]*»?
    | \w[\w'!?]*
    | (?P<open>[(\[{⟨])
    | (?P<close>[)\]}⟩])
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile("/-|-/")
_STRING_REST = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_TEXT_REST = re.compile(r'(?:[^"\\{]|\\.)*(["{])', re.DOTALL)


def deepest(text: str) -> int:
    """The most brackets of code that are open at once; the braces in `s!"{x}"` are code."""
    return _Scan(text).deepest


def nests_deeper(text: str, limit: int) -> bool:
    """Whether more than `limit` brackets of code are open at once."""
    return sum(map(text.count, "([{⟨")) > limit and deepest(text) > limit


class _Scan:
    """One walk over a text; what is left open reaches to its end, as for Lean."""

    def __init__(self, text: str) -> None:
        self.deepest = 0
        self._text = text
        self._depth = 0
        self._holes: list[int] = []
        """The depths at which the interpolated strings around here had a `{`."""
        at = 0
        while token := _TOKEN.search(text, at):
            at = self._after(token)

    def _after(self, token: re.Match[str]) -> int:
        kind, end = token.lastgroup, token.end()
        if kind == "open":
            self._open()
        elif kind == "close":
            return self._close(token)
        elif kind == "comment":
            return self._after_comment(end)
        elif kind == "hashes":
            return self._find(f'"{token["hashes"]}', end)
        elif kind == "string":
            return self._match(_STRING_REST, end)
        elif kind == "interpolated":
            return self._after_text(end)
        return end

    def _open(self) -> None:
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)

    def _close(self, token: re.Match[str]) -> int:
        self._depth = max(0, self._depth - 1)
        if token[0] == "}" and self._holes and self._holes[-1] == self._depth:
            self._holes.pop()
            return self._after_text(token.end())
        return token.end()

    def _after_text(self, at: int) -> int:
        """Behind an interpolated string, or behind its next `{`."""
        rest = _TEXT_REST.match(self._text, at)
        if rest is None:
            return len(self._text)
        if rest[1] == "{":
            self._holes.append(self._depth)
            self._open()
        return rest.end()

    def _after_comment(self, at: int) -> int:
        nesting = 1
        while nesting:
            edge = _COMMENT_EDGE.search(self._text, at)
            if edge is None:
                return len(self._text)
            nesting += 1 if edge[0] == "/-" else -1
            at = edge.end()
        return at

    def _find(self, end: str, at: int) -> int:
        place = self._text.find(end, at)
        return len(self._text) if place < 0 else place + len(end)

    def _match(self, pattern: re.Pattern[str], at: int) -> int:
        rest = pattern.match(self._text, at)
        return len(self._text) if rest is None else rest.end()
