"""Reading Lean files of benchmarks just far enough to take a definition or statement out of them.

This reads files that people wrote as benchmarks, not answers: what it cannot make out ends in a
refusal of the row, and what it gets wrong ends in a reference that Lean refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lean_sandbox.lexing import tokens, without_comments

_IMPORT = re.compile(r"^(?:public |meta |private )*import (?:all )?([\w.«»']+).*$", re.MULTILINE)
_NOISE = re.compile(
    r"^(?:module|set_option [^\n]*|public section|noncomputable section)\s*$", re.M
)
_OPEN = re.compile(r"^open [^\n]+$", re.MULTILINE)
_MARKED = re.compile(
    r"-- !benchmark @start (\w+)[^\n]*\n(.*?)[ \t]*-- !benchmark @end \1", re.DOTALL
)
_NEXT_COMMAND = re.compile(
    r"^(?:(?:example|theorem|lemma|namespace|structure|inductive|class|instance|attribute|end"
    r"|section|open|def|abbrev|private|protected|noncomputable)\b|/-[!-]|@\[|#\w)",
    re.MULTILINE,
)
_PROOF = re.compile(r":=\s*(?:by)?\s*(?:sorry)?\s*$")
_THEOREM = re.compile(r"^\s*(?:theorem|lemma)\s+([^\s({\[:]+)")


@dataclass(frozen=True, slots=True)
class Source:
    """A Lean text without what a reference may not hold, and what was taken out."""

    text: str
    imports: tuple[str, ...]

    @classmethod
    def of(cls, lean: str) -> Source:
        """Take imports, `module` and options out of a file."""
        imports = tuple(dict.fromkeys(_IMPORT.findall(lean)))
        return cls(_NOISE.sub("", _IMPORT.sub("", lean)).strip(), imports)


@dataclass(frozen=True, slots=True)
class NamedDefinition:
    """A definition taken out of a file, with what stands before it."""

    signature: str
    """Without `:=`, on one line."""
    reference: str


def marked_sections(lean: str) -> dict[str, str]:
    """The parts of a file between Verina's `-- !benchmark` marks, by name."""
    return {name: text.strip("\n") for name, text in _MARKED.findall(lean)}


def find_definition(lean: str, name: str) -> NamedDefinition | None:
    """The definition of a name and all that stands before it; None where there is none."""
    begin = re.search(
        rf"^(?:@\[[^\]]*\]\s*)?def {re.escape(name)}(?![\w.'!?])", lean, re.MULTILINE
    )
    if begin is None:
        return None
    start = lean.index("def ", begin.start())
    end = _header_end(lean, start)
    if end is None:
        return None
    following = _NEXT_COMMAND.search(lean, end)
    stop = following.start() if following else len(lean)
    return NamedDefinition(one_line(lean[start:end]), lean[:stop].strip())


def opened(lean: str) -> str:
    """The `open` lines of a header."""
    return "\n".join(_OPEN.findall(lean))


def statement_of(lean: str) -> str:
    """A theorem without its proof, comments and imports."""
    text = without_comments(Source.of(lean).text).strip()
    return _PROOF.sub("", text).strip()


def theorem_name(statement: str) -> str:
    """The name of a theorem, empty where the text is none."""
    match = _THEOREM.match(statement)
    return match.group(1) if match else ""


def one_line(header: str) -> str:
    """A header with its line breaks and comments gone."""
    return " ".join(without_comments(header).split())


def _header_end(lean: str, start: int) -> int | None:
    """Where a definition's header ends: at `:=`, a `|` line or `where`, outside brackets."""
    depth, space = 0, ""
    for token in tokens(lean, start):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth:
            continue
        begins_line = token.text == "|" and "\n" in space
        if token.text == ":=" or begins_line or (token.text == "where" and space):
            return token.start
        space = token.text if token.kind == "space" else ""
    return None
