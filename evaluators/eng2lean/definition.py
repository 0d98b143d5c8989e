"""One Lean definition taken apart by its text: signature before the first outer `:=`, body after.

Text is all there is here: whether the definition means anything is for Lean to say. What cannot
be taken apart into one signature with a type and one body (pattern-matching definitions, several
declarations, no stated type) gives None, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lean_sandbox import lexing
from lean_sandbox.lexing import COMMANDS, Token


@dataclass(frozen=True, slots=True)
class Definition:
    """A `def` with a stated type and one body."""

    signature: str
    """The header without `:=`, on one line: `def f (x : Int) : Int`."""
    body: str
    """What follows `:=`, with its leading whitespace and without trailing whitespace."""
    name: str
    parameter_types: tuple[str, ...]
    """The types of the explicit parameters, in order; `_` where none is written."""
    result_type: str


def split_definition(lean: str) -> Definition | None:
    """Take one Lean definition apart, or None where the text is not one such definition.

    >>> split_definition("def f (x : Int) : Int := x + x").body
    ' x + x'
    """
    tokens = list(lexing.tokens(lean))
    place = _outer_assign(tokens)
    if place is None or not _single(tokens[place + 1 :]):
        return None
    body = lean[tokens[place].end :].rstrip()
    header = _one_line(tokens[:place])
    return _definition(header, body) if body.strip() else None


def _outer_assign(tokens: list[Token]) -> int | None:
    """The first `:=` outside brackets, unless pattern matching or `where` comes before it."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth > 0:
            continue
        if token.text == ":=":
            return place
        if token.text in {"|", "where"}:
            return None
    return None


def _single(body: list[Token]) -> bool:
    """Whether brackets close and no other command follows."""
    depth, before = 0, ""
    for token in body:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0 or token.kind == "unclosed":
            return False
        if token.kind == "word" and (token.text in COMMANDS or before == "#"):
            return False
        before = token.text
    return depth == 0


def _one_line(tokens: list[Token]) -> list[Token]:
    """The header's tokens without comments, each run of whitespace one blank."""
    kept: list[Token] = []
    for token in tokens:
        if token.kind not in {"comment", "space"}:
            kept.append(token)
        elif kept and kept[-1].kind != "space":
            kept.append(Token("space", " ", token.start))
    while kept and kept[-1].kind == "space":
        kept.pop()
    return kept


def _definition(header: list[Token], body: str) -> Definition | None:
    if len(header) < 3 or header[0].text != "def" or header[2].kind != "word":
        return None
    binders, result = _outer_split(header[3:], ":")
    if not result:
        return None
    types = [kind for binder in _binders(binders) for kind in binder]
    *domains, codomain = _arrows(result)
    return Definition(
        signature="".join(token.text for token in header),
        body=body,
        name=header[2].text,
        parameter_types=(*types, *domains),
        result_type=codomain,
    )


def _outer_split(tokens: list[Token], mark: str) -> tuple[list[Token], list[Token]]:
    """The tokens before and after the first `mark` outside brackets."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.text == mark:
            return tokens[:place], tokens[place + 1 :]
    return tokens, []


def _binders(tokens: list[Token]) -> Iterator[list[str]]:
    """For each binder group, its type once for each name; implicit groups are left out."""
    group: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and not group:
            if token.kind == "word":
                yield ["_"]
            continue
        group.append(token)
        if depth == 0:
            if group[0].text == "(":
                yield _binder_types(group[1:-1])
            group = []


def _binder_types(inside: list[Token]) -> list[str]:
    names, rest = _outer_split(inside, ":")
    kind, _ = _outer_split(rest, ":=")
    written = _text(kind) or "_"
    return [written for token in names if token.kind == "word"]


def _arrows(tokens: list[Token]) -> list[str]:
    """`Int → List Int → Bool` as its three types."""
    types: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.text in {"→", "->"}:
            types.append([])
        else:
            types[-1].append(token)
    return [_text(kind) for kind in types]


def _text(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens).strip()
