"""How a model's reply is read: the docstring and the Lean definition, however it wraps them.

One reader for every model and every field. What people get wrong: a model that was asked for
plain text answers in a Markdown fence, thinks aloud first, explains itself afterwards or sends
JSON, and whoever reads it strictly throws a right answer away. Nothing is mended: Lean is given
as it was written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import cast

_MARKER = re.compile(r"^[ \t>*#_`-]*\[\[[ #]*(\w+)[ #]*\]\][ \t*_:]*", re.MULTILINE)
"""DSPy's, with or without Markdown around it."""
_LABEL = re.compile(
    r"^[*#_> ]{0,6}(docstring|lean)(?: ?4)?[*_]{0,2}:[*_ \t]*", re.MULTILINE | re.I
)
_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\n]*)(?:\n|\Z)", re.MULTILINE)
_MODIFIERS = (
    r"(?:@\[[^\]\n]*\][ \t]*)?"
    r"(?:(?:private|protected|public|partial|noncomputable|unsafe|nonrec)[ \t]+)*"
)
_DEFINES = re.compile(rf"^[ \t]*{_MODIFIERS}(?:def|abbrev)\b", re.MULTILINE)
_BEGINS = re.compile(
    rf"/--|^[ \t]*(?:@\[|{_MODIFIERS}"
    r"(?:def|abbrev|theorem|lemma|instance|structure|inductive|opaque|example)\b)",
    re.MULTILINE,
)
_STRAY = re.compile(r"\n[ \t]*(?:`{3,}|~{3,})[ \t]*\Z")
"""The end of a fence that nobody began."""
_PROSE = re.compile(r"\n[ \t]*\n(?=[A-Z][a-z']*[ ,:]|\*\*|[-*] |#+ |\d+\. )")
_BLOCKQUOTE = re.compile(r"^> ?(?=```|~~~|/--|def\b)", re.MULTILINE)
_COMMENT = re.compile(r"/--(.*?)-/\s*(.*)\Z", re.DOTALL)
_IN_TICKS = re.compile(r"(`+)([^`].*?)\1", re.DOTALL)
_IN_QUOTES = re.compile(r'"+([^"]+)"+|[“`]+([^“”`]+)[”`]+')


def read_reply(text: str) -> tuple[str, str] | None:
    """The docstring and the definition in a reply, or None where it holds no definition.

    The docstring is empty where there is none. Fields stand between DSPy's markers, under labels,
    in a JSON object, or in one text: the definition under a doc comment. A Markdown fence around
    the Lean, and talk before and after it, are dropped; of several fenced blocks, the last that
    holds a definition counts.
    """
    fields = _json_fields(text) or _fields(text)
    stated = fields.get("docstring", "")
    talk, lean = _split(fields.get("lean", stated or text))
    if "lean" not in fields and stated:
        stated = talk  # the field's marker is missing, its Lean is not
    if "lean" in fields and not lean:
        lean = fields["lean"].strip()
    docstring, body = _documented(lean)
    if not stated and body:
        stated, lean = docstring, body
    if not lean or (lean.startswith("/--") and not body):
        return None
    return _plain(stated), lean


def _fields(text: str) -> dict[str, str]:
    """What stands under each field's first marker, or label where no marker stands."""
    marks = list(_MARKER.finditer(text)) or list(_LABEL.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    fields: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=False):  # no mark, no field
        fields.setdefault(mark[1].lower(), text[mark.end() : end].strip())
    return fields


def _json_fields(text: str) -> dict[str, str]:
    """The texts of a JSON object that has a definition, alone or in a fenced block."""
    for candidate in (text, *(block.text for block in _blocks(text))):
        value = _json(candidate)
        if isinstance(value, dict):
            texts = {str(k).lower(): v for k, v in value.items() if isinstance(v, str)}
            if "lean" in texts:
                return texts
    return {}


def _json(text: str) -> object:
    if not text.strip().startswith(("{", '"')):
        return None
    try:
        return cast("object", json.loads(text, strict=False))  # a raw line end is meant as one
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Block:
    """A fenced block, where its fence begins, and whether that was ended."""

    start: int
    text: str
    ended: bool

    @property
    def lean(self) -> str:
        """From where the Lean begins; all of it where that cannot be told."""
        begins = _BEGINS.search(self.text)
        lean = self.text[begins.start() :] if begins else self.text
        return (lean if self.ended else _without_talk_after(lean)).strip()


def _blocks(text: str) -> list[_Block]:
    """Fenced blocks in their order; one that is never ended goes on to the end."""
    blocks, position = [], 0
    while opening := _FENCE.search(text, position):
        indent, fence, info = opening.groups()
        closing = re.compile(rf"[ \t]*{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
        # code on the fence's own line, such as ```def f := 1```
        begun = re.sub(r"\A[ \t]*(?:lean ?4?\b)?[ \t]*", "", info, flags=re.I)
        inside = opening.end(3) - len(begun) if _BEGINS.match(begun) else opening.end()
        end = closing.search(text, inside)
        content = text[inside : end.start() if end else len(text)]
        position = end.end() if end else len(text)
        if indent:
            content = "\n".join(line.removeprefix(indent) for line in content.split("\n"))
        if content.strip():
            blocks.append(_Block(opening.start(), content, end is not None))
    return blocks


def _split(text: str) -> tuple[str, str]:
    """The talk before the Lean in a text, and the Lean; empty where there is none."""
    value = _json(text)
    if isinstance(value, str | dict):
        text = value if isinstance(value, str) else _json_fields(text).get("lean", "")
    if _BLOCKQUOTE.search(text):
        text = re.sub(r"^> ?", "", text, flags=re.MULTILINE)
    blocks = _blocks(text)
    defining = [block for block in blocks if _DEFINES.search(block.text)]
    if blocks and (defining or not _DEFINES.search(text[: blocks[0].start])):
        best = (defining or blocks)[-1]
        return text[: best.start].strip(), best.lean
    text = _STRAY.sub("", text)
    ticked = _IN_TICKS.fullmatch(text.strip())
    text = ticked[2] if ticked else text
    begins = _BEGINS.search(text)
    if begins is None:
        return "", ""
    lean = _without_talk_after(text[begins.start() :])
    return text[: begins.start()].strip(), lean.strip()


def _without_talk_after(lean: str) -> str:
    documented = _COMMENT.match(lean)
    after = _PROSE.search(lean, lean.index("-/") if documented else 0)
    return lean[: after.start()] if after else lean


def _documented(lean: str) -> tuple[str, str]:
    """The doc comment a text begins with, and what follows it."""
    comment = _COMMENT.match(lean)
    return (comment[1], comment[2].strip()) if comment else ("", "")


def _plain(docstring: str) -> str:
    """A docstring on one line, without the marks of a comment, a fence or quotes around it."""
    blocks = _blocks(docstring)
    text = (blocks[0].text if blocks else docstring).strip()
    text = text.removeprefix("/--").removesuffix("-/").strip()
    quoted = _IN_QUOTES.fullmatch(text)
    return " ".join((quoted[1] or quoted[2] if quoted else text).split())
