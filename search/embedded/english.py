"""Grammar functions described in English, by writers with habits of their own.

Five writers appear in pre-training, contexts and demos. Two are held out: `blend` changes register
from word to word and `exam` asks a question; only problems are written by them.
"""

from __future__ import annotations

import random
from typing import Literal

from search.embedded.grammar import Function, Tree
from search.embedded.operations import BY_NAME

Writer = Literal["textbook", "terse", "casual", "formal", "steps", "blend", "exam"]

KNOWN_WRITERS: tuple[Writer, ...] = ("textbook", "terse", "casual", "formal", "steps")
HELD_OUT_WRITERS: tuple[Writer, ...] = ("blend", "exam")

_IMPERATIVE = 4
_COLUMN: dict[Writer, int] = {"textbook": 0, "terse": 1, "casual": 2, "formal": 3, "steps": 4}

_OPENERS: dict[Writer, tuple[str, ...]] = {
    "textbook": ("Return", "Returns"),
    "terse": ("",),
    "casual": ("Gives you", "This is"),
    "formal": ("Computes", "Evaluates to"),
    "steps": ("",),
    "blend": ("Produce", "Yields", "Find"),
    "exam": ("What do you get if you", "What comes out when you"),
}

_TYPE_WORDS = {"int": "integer", "bool": "truth value", "list": "list", "str": "string"}


def docstring(
    function: Function, *, writer: Writer, rng: random.Random, types: bool = False
) -> str:
    """Describe a function. `types` adds a sentence that names each parameter's type."""
    if writer == "steps":
        text = _steps(function.body)
    elif writer == "exam":
        text = f"{rng.choice(_OPENERS[writer])} {_imperative(function.body, rng)}?"
    else:
        opener = rng.choice(_OPENERS[writer])
        whether = "whether " if function.body.kind == "bool" and opener else ""
        text = f"{opener} {whether}{_phrase(function.body, writer, rng)}".strip() + "."
    text = text[0].upper() + text[1:] if not text[0].isupper() and opener_is_word(text) else text
    return f"{_types_sentence(function)} {text}" if types else text


def opener_is_word(text: str) -> bool:
    """Whether the first word is English and may be capitalised; a parameter's name may not."""
    first = text.split(" ", 1)[0]
    return first.isalpha() and len(first) > 2 and first not in {"items"}


def _types_sentence(function: Function) -> str:
    parts = [f"{name} is {_article(_TYPE_WORDS[kind])}" for name, kind in function.parameters]
    return "Here " + ", ".join(parts) + "."


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _phrase(tree: Tree, writer: Writer, rng: random.Random) -> str:
    """A tree as a noun phrase (or a clause, for truth values)."""
    if tree.is_leaf:
        return tree.parameter
    column = rng.randrange(_IMPERATIVE) if writer in HELD_OUT_WRITERS else _COLUMN[writer]
    template = BY_NAME[tree.operation].english[column]
    return template.format(*_children(tree, writer, rng), k=tree.constant)


def _children(tree: Tree, writer: Writer, rng: random.Random) -> list[str]:
    """Arguments as phrases; parentheses around inner operations leave each one reading."""
    return [
        child.parameter if child.is_leaf else f"({_phrase(child, writer, rng)})"
        for child in tree.children
    ]


def _imperative(tree: Tree, rng: random.Random) -> str:
    template = BY_NAME[tree.operation].english[_IMPERATIVE]
    return template.format(*_children(tree, "exam", rng), k=tree.constant)


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
