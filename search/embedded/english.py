"""Grammar functions described in English, by writers with habits of their own.

Five writers appear in pre-training, contexts and demos. Two are held out, and only problems are
written by them: `report` opens in words of its own and takes its register from docstring to
docstring, `exam` asks questions and changes register within one.
"""

from __future__ import annotations

import random
from typing import Literal

from search.embedded.grammar import Function, Tree
from search.embedded.operations import BY_NAME

Writer = Literal["textbook", "terse", "casual", "formal", "steps", "report", "exam"]

KNOWN_WRITERS: tuple[Writer, ...] = ("textbook", "terse", "casual", "formal", "steps")
HELD_OUT_WRITERS: tuple[Writer, ...] = ("report", "exam")

_IMPERATIVE = 4
_COLUMN: dict[Writer, int] = {"textbook": 0, "terse": 1, "casual": 2, "formal": 3, "steps": 4}

_OPENERS: dict[Writer, tuple[str, ...]] = {
    "textbook": ("Return", "Returns"),
    "terse": ("",),
    "casual": ("Gives you", "This is"),
    "formal": ("Computes", "Evaluates to"),
    "steps": ("",),
    "report": ("Produce", "Yields", "Find"),
    "exam": ("What is", "Can you work out"),
}

_TYPE_WORDS = {"int": "integer", "bool": "truth value", "list": "list", "str": "string"}


def docstring(
    function: Function, *, writer: Writer, rng: random.Random, types: bool = False
) -> str:
    """Describe a function. `types` adds a sentence that names each parameter's type."""
    if writer == "steps":
        text = _steps(function.body)
    else:
        held_out = writer in HELD_OUT_WRITERS
        column = rng.randrange(_IMPERATIVE) if held_out else _COLUMN[writer]
        inner = rng.randrange(_IMPERATIVE) if writer == "exam" else column
        opener = rng.choice(_OPENERS[writer])
        whether = "whether " if function.body.kind == "bool" and opener else ""
        phrase = _phrase(function.body, column, inner=inner)
        text = f"{opener} {whether}{phrase}".strip() + ("?" if writer == "exam" else ".")
    text = (
        text[0].upper() + text[1:] if not text[0].isupper() and _starts_with_word(text) else text
    )
    return f"{_types_sentence(function)} {text}" if types else text


def _starts_with_word(text: str) -> bool:
    """Whether the first word is English and may be capitalised; a parameter's name may not."""
    first = text.split(" ", 1)[0]
    return first.isalpha() and len(first) > 2 and first not in {"items"}


def _types_sentence(function: Function) -> str:
    parts = [f"{name} is {_article(_TYPE_WORDS[kind])}" for name, kind in function.parameters]
    return "Here " + ", ".join(parts) + "."


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _phrase(tree: Tree, column: int, *, inner: int) -> str:
    """A tree in one register, and its inner operations in another.

    Parentheses around inner operations leave each phrase one reading.
    """
    if tree.is_leaf:
        return tree.parameter
    children = [
        child.parameter if child.is_leaf else f"({_phrase(child, inner, inner=inner)})"
        for child in tree.children
    ]
    return BY_NAME[tree.operation].english[column].format(*children, k=tree.constant)


def _steps(tree: Tree) -> str:
    """Step-by-step text: one sentence an operation, innermost first, earlier results by name."""
    sentences: list[str] = []

    def visit(node: Tree) -> str:
        names = [child.parameter if child.is_leaf else visit(child) for child in node.children]
        sentence = BY_NAME[node.operation].english[_IMPERATIVE].format(*names, k=node.constant)
        sentences.append(sentence)
        return f"result {len(sentences)}"

    visit(tree)
    return ". ".join(s[0].upper() + s[1:] for s in sentences) + "."
