"""Lean text as tokens, read the way Lean reads them; joined again they are the text.

What people get wrong: comments nest and begin anew behind their first character, a string may be
raw, the braces in `s!"{x}"` are code, and the `'` of a name like `x'` begins no character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

Kind = Literal[
    "space", "comment", "string", "interpolated", "character", "number", "word",
    "open", "close", "sign", "unclosed",
]  # fmt: skip
"""`interpolated` is a piece of an interpolated string, `word` a name or a keyword, dots within and
a field's number included, `unclosed` what is never closed and so reaches to the end."""

OPENING, CLOSING = "([{⟨⦃⟦‹", ")]}⟩⦄⟧›"
COMMANDS = frozenset({
    "def", "theorem", "lemma", "example", "instance", "axiom", "abbrev", "opaque",
    "structure", "inductive", "class", "namespace", "section", "variable", "universe",
    "import", "export", "macro", "macro_rules", "syntax", "notation", "infix", "infixl",
    "infixr", "prefix", "postfix", "elab", "initialize", "attribute", "mutual",
})  # fmt: skip
"""Words that begin another declaration or command; none of them can stand in a term."""
_NAME = r"(?:[^\W\d][\w'!?]*|«[^»]*»)"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<block>/-.?)
    | (?P<raw>r(?P<hashes>\#*)")
    | (?P<interpolated>(?:s!|m!|f!|println!)\s*")
    | (?P<string>")
    | (?P<character>'(?:\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|.)|[^'\\])')
    | (?P<word>{_NAME}(?:\.(?:{_NAME}|\d+))*|(?<=[^.]\.)\d+)
    | (?P<number>\d\w*(?:\.\d\w*)?)
    | (?P<unclosed>«[^»]*)
    | (?P<open>[{re.escape(OPENING)}])
    | (?P<close>[{re.escape(CLOSING)}])
    | (?P<sign>:=|=>|<->|->|<-|<\||\|>\.?|<;>|\+\+|::|==|!=|<=|>=|&&|\|\||\.{{2,3}}|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(
    r"""
      (?P<open>\{)
    | (?P<last>(?:[^"\\{]|\\.)*")
    | (?P<interpolated>(?:[^"\\{]|\\.)+(?=\{))
    | (?P<unclosed>.+)
    """,
    re.VERBOSE | re.DOTALL,
)
"""What stands in an interpolated string."""
_NESTING = frozenset("([{⟨)]}⟩")
"""Brackets among which the `}` is looked for that ends a `{x}` of an interpolated string."""
_COMMENT_EDGE = re.compile("/-|-/")
_STRING_REST = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_KINDS = {"block": "comment", "raw": "string", "last": "interpolated"}
_BEGINNINGS = frozenset({"block", "raw", "string"})


class Token(NamedTuple):
    """A piece of Lean text."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a text, spaces and comments among them."""
    at, depth, inside = start, 0, False
    holes: list[int] = []
    """The depths at which the interpolated strings around here had a `{`."""
    while at < len(text):
        match = (_TEXT if inside else _TOKEN).match(text, at)
        assert match is not None  # the last alternatives take whatever there is
        group, end = str(match.lastgroup), match.end()
        kind = _KINDS.get(group, group)
        if group in _BEGINNINGS:
            end = _end_of(match)
        if end < 0:
            kind, end = "unclosed", len(text)
        token = Token(cast("Kind", kind), text[at:end], at)
        if token.kind == "open" and token.text in _NESTING:
            if inside:
                holes.append(depth)
            depth, inside = depth + 1, False
        elif token.kind == "close" and token.text in _NESTING:
            depth = max(0, depth - 1)
            inside = token.text == "}" and holes[-1:] == [depth]
            if inside:
                holes.pop()
        else:
            inside = group == "interpolated"
        yield token
        at = token.end


def without_comments(text: str) -> str:
    """The text with one blank for each comment."""
    return "".join(" " if token.kind == "comment" else token.text for token in tokens(text))


def _end_of(match: re.Match[str]) -> int:
    """Where the token ends that a match begins; -1 where it does not."""
    text, at = match.string, match.end()
    if match.lastgroup == "block":
        return _comment_end(text, at)
    if match.lastgroup == "string":
        rest = _STRING_REST.match(text, at)
        return rest.end() if rest else -1
    quote = f'"{match["hashes"]}'
    place = text.find(quote, at)
    return place + len(quote) if place >= 0 else -1


def _comment_end(text: str, at: int) -> int:
    """Where the block comment that was opened before `at` ends; -1 where it does not."""
    nesting = 1
    for edge in _COMMENT_EDGE.finditer(text, at):
        nesting += 1 if edge[0] == "/-" else -1
        if not nesting:
            return edge.end()
    return -1
