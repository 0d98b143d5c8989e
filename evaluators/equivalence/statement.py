"""One theorem statement read as text: its variables, hypotheses and conclusion.

What people get wrong: trusting such a reading. Lean is asked whether the parts put together again
are the statement; where they are not, nothing is concluded from the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluators.errors import StatementError
from lean_sandbox import lexing
from lean_sandbox.lexing import CLOSING, OPENING

MAX_STATEMENT_CHARACTERS = 10_000
"""A longer statement is not looked at."""

_ARROWS = frozenset({"→", "->"})
_EQUIVALENCES = frozenset({"↔", "<->"})
_SCOPES = frozenset({"∀", "∃", "∃!", "fun", "λ", "if", "let", "have", "match", "show", "by", "<|"})
"""What reaches as far to the right as it can: no arrow behind one is the statement's own."""
_ATOMS = frozenset({"Nat", "Int", "Bool", "Rat", "String", "Char", "Unit"})
_FAMILIES = frozenset({"List", "Array", "Option"})
_COMPARISONS = frozenset({"<", ">", "≤", "≥", "≠", "<=", ">=", "<-"})
_HEADER = re.compile(r"(?:theorem|lemma|example)(?!\w)")
_DEFINED = re.compile(r"^\s*(?:def|abbrev)\s+([^\W\d][\w.']*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of Lean text, and how many brackets are open around it."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Binder:
    """A variable or a hypothesis, in the order of the statement."""

    name: str
    type: str
    """Empty where the statement leaves it to Lean."""
    brackets: str = "()"

    @property
    def is_variable(self) -> bool:
        """Whether its type is one of those whose values can be written down."""
        return is_data(self.type)

    def __str__(self) -> str:
        opening, closing = self.brackets[0], self.brackets[1]
        if not self.type:
            return self.name
        return f"{opening}{self.name} : {self.type}{closing}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A closed proposition and its parts."""

    proposition: str
    """A Lean term of type `Prop`, without comments."""
    binders: tuple[Binder, ...]
    conclusion: str
    numerals: tuple[str, ...]
    """The natural numbers written in it, each once."""

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Read `theorem NAME (x : T) … : P`, whose proof is dropped, or a bare proposition.

        Raises:
            StatementError: it is empty, too long, or not one balanced term.
        """
        if len(text) > MAX_STATEMENT_CHARACTERS:
            raise StatementError(
                f"{len(text):,} characters; a statement has at most {MAX_STATEMENT_CHARACTERS:,}"
            )
        bare = _without_comments(text).strip()
        tokens = tokenize(bare)
        if not tokens:
            raise StatementError("there is no statement")
        binders: list[Binder] = []
        body = bare
        if _HEADER.match(bare):
            groups, body = _header(bare, tokens)
            binders = [binder for group in groups for binder in _group(group)]
        if not body.strip():
            raise StatementError("there is no proposition after the name")
        proposition = _prefixed(binders, body)
        conclusion = _unfold(body.strip(), binders)
        numbers = dict.fromkeys(
            token.text for token in tokenize(proposition) if token.text.isdecimal()
        )
        return cls(proposition, tuple(binders), conclusion, tuple(numbers))

    @property
    def rebuilt(self) -> str:
        """The parts put together again."""
        return _prefixed(self.binders, self.conclusion)

    @property
    def variables(self) -> tuple[Binder, ...]:
        """The binders whose values can be written down."""
        return tuple(binder for binder in self.binders if binder.is_variable)


def is_data(text: str) -> bool:
    """Whether a type is made of numbers, Booleans, texts, lists, pairs and functions of these."""
    text = unwrapped(text)
    for arrow in ("→", "->", "×"):
        left, found, right = _split(text, arrow)
        if found:
            return is_data(left) and is_data(right)
    head, _, rest = text.partition(" ")
    return text in _ATOMS or (head in _FAMILIES and bool(rest) and is_data(rest))


def unwrapped(text: str) -> str:
    """The text without brackets around all of it, and with single spaces."""
    text = " ".join(text.split())
    while text.startswith("("):
        tokens = tokenize(text)
        closing = next(t for t in tokens if t.text == ")" and t.depth == 0)
        if closing.end != len(text):
            break
        text = text[1:-1].strip()
    return text


def product_sides(text: str, sign: str) -> tuple[str, str]:
    """What stands on both sides of the first outer sign; ("", "") where there is none."""
    left, found, right = _split(unwrapped(text), sign)
    return (left, right) if found else ("", "")


def defined_names(definitions: str) -> tuple[str, ...]:
    """The names that a Lean text defines."""
    return tuple(_DEFINED.findall(definitions))


def tokenize(text: str) -> list[Token]:
    """The tokens of a text; brackets have the depth outside them.

    Raises:
        StatementError: a bracket, comment or string is not closed, or a construct that would
            need Lean's own reader is used.
    """
    tokens: list[Token] = []
    open_: list[str] = []
    for kind, piece, start in lexing.tokens(text):
        if kind == "space":
            continue
        if kind == "unclosed" and piece.startswith("/-"):
            raise StatementError("a comment is never closed")
        if not _is_understood(kind, piece):
            raise StatementError(f"{piece!r} at character {start} is not understood here")
        if kind == "close" and (not open_ or OPENING[CLOSING.index(piece)] != open_.pop()):
            raise StatementError(f"{piece} at character {start} closes nothing")
        tokens.append(Token(kind, piece, start, len(open_)))
        if kind == "open":
            open_.append(piece)
    if open_:
        raise StatementError(f"{open_[-1]} is never closed")
    return tokens


def _is_understood(kind: str, piece: str) -> bool:
    """Whether a token is none of those that would need Lean's own reader."""
    if kind in {"unclosed", "interpolated"} or piece == "\0":
        return False
    if kind == "string":
        return piece.startswith('"')
    if kind == "comment":
        return "/-" not in piece[1:]
    return "«" not in piece and piece != "»"


def _without_comments(text: str) -> str:
    tokenize(text)  # refuses what cannot be read
    bare = lexing.without_comments(text)
    if re.search(r"/-|-/", bare):
        raise StatementError("a comment is never closed")
    return bare


def _split(text: str, sign: str) -> tuple[str, bool, str]:
    for token in tokenize(text):
        if token.depth == 0 and token.text == sign:
            return text[: token.start].strip(), True, text[token.end :].strip()
    return text, False, ""


def _header(text: str, tokens: Sequence[Token]) -> tuple[list[str], str]:
    """The bracketed groups of `theorem NAME …`, and the proposition without its proof."""
    colon = next((t for t in tokens if t.depth == 0 and t.text == ":"), None)
    if colon is None:
        raise StatementError("a theorem needs `: PROPOSITION` after its name and binders")
    groups = [text[a:b] for a, b in _groups(t for t in tokens if t.start < colon.start)]
    pending = 0
    end = len(text)
    for token in tokens:
        if token.depth or token.start < colon.end:
            continue
        if token.text in {"let", "have"}:
            pending += 1
        elif token.text == ":=" and pending:
            pending -= 1
        elif token.text == ":=":
            end = token.start
            break
    return groups, text[colon.end : end].strip()


def _groups(tokens: Iterator[Token]) -> Iterator[tuple[int, int]]:
    start = 0
    for token in tokens:
        if token.depth == 0 and token.kind == "open":
            start = token.start
        elif token.depth == 0 and token.kind == "close":
            yield start, token.end


def _group(text: str) -> list[Binder]:
    """The binders of `(x y : T)`."""
    brackets = text[0] + text[-1]
    names, found, kind = _split(text[1:-1].strip(), ":")
    if not found:
        return [Binder("_", names, brackets)] if brackets == "[]" else [Binder(names, "")]
    return [Binder(name, " ".join(kind.split()), brackets) for name in names.split()]


def _prefixed(binders: Sequence[Binder], body: str) -> str:
    head = "".join(f"∀ {binder}, " for binder in binders)
    return f"{head}{body.strip()}"


def _unfold(text: str, binders: list[Binder]) -> str:
    """Move what `∀ …,` and `… →` bring in front of the conclusion to the binders."""
    while True:
        tokens = tokenize(text)
        outer = [token for token in tokens if token.depth == 0]
        if len(text) > 1 and text[0] == "(" and outer[-1].end == len(text) == outer[1].end:
            text = text[1:-1].strip()
            continue
        comma = next((token for token in outer if token.text == ","), None)
        if tokens[0].text == "∀" and comma is not None:
            found = _quantified(text[tokens[0].end : comma.start])
            if found is None:
                return text
            binders += found
            text = text[comma.end :].strip()
            continue
        arrow = _own_arrow(outer)
        if arrow is None:
            return text
        binders.append(Binder("_", " ".join(text[: arrow.start].split())))
        text = text[arrow.end :].strip()


def _own_arrow(outer: Sequence[Token]) -> Token | None:
    """The first `→` that is the statement's own."""
    first = None
    for token in outer:
        if token.text in _SCOPES:
            break
        if token.text in _EQUIVALENCES:
            return None
        if token.text in _ARROWS and first is None:
            first = token
    return first


def _quantified(text: str) -> list[Binder] | None:
    """The binders between `∀` and its comma; `n > 0` binds a number and a hypothesis."""
    tokens = tokenize(text)
    first = next((t for t in tokens if t.depth == 0 and t.kind in {"open", "sign"}), None)
    if first is None:
        return [Binder(name, "") for name in text.split()]
    if first.kind == "open":
        binders = []
        last = 0
        for start, end in _groups(iter(tokens)):
            binders += [Binder(name, "") for name in text[last:start].split()]
            binders += _group(text[start:end])
            last = end
        return binders + [Binder(name, "") for name in text[last:].split()]
    names = text[: first.start].split()
    if first.text == ":":
        kind = " ".join(text[first.end :].split())
        return [Binder(name, kind) for name in names]
    if first.text in _COMPARISONS and len(names) == 1:
        return [Binder(names[0], ""), Binder("_", " ".join(text.split()))]
    return None
