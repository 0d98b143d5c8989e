"""What a generator instruction can ask for in the embedded world, and in which words.

Where the instruction is silent and no demo shows the way, the generator has habits of its own.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from evaluators.eng2lean.form import reply_text, user_text
from search.embedded.english import KNOWN_WRITERS, Writer, docstring
from search.embedded.grammar import Function, draw_function, python_source
from search.embedded.lean_writer import Definition, Numbers, lean_source

BASES = (
    "Translate the Python function to Lean 4.",
    "Write the function in Lean 4 with a docstring.",
    "Turn this Python into a documented Lean definition.",
)

CLAUSES: dict[str, dict[str, tuple[str, ...]]] = {
    "numbers": {
        "Int": ("Use Int for numbers.", "Numbers are Int."),
        "Nat": ("Use Nat for numbers.", "Numbers are Nat."),
    },
    "definition": {
        "direct": ("Write one expression with operators.", "Prefer operators."),
        "named": ("Call functions by name.", "Avoid operators, call functions by name."),
        "steps": ("Bind each step with let.", "Use a let for every step."),
    },
    "docstring": {
        "textbook": ("Write the docstring like a textbook.", "Use textbook English."),
        "terse": ("Keep the docstring terse.", "Use terse English."),
        "casual": ("Write the docstring casually.", "Use casual English."),
        "formal": ("Write the docstring formally.", "Use formal English."),
        "steps": ("Write the docstring as steps.", "Describe it step by step."),
        "varied": ("Vary the wording of the docstring.", "Use varied English."),
    },
    "types": {
        "named": ("Name the types in the docstring.",),
        "silent": ("Do not mention types.",),
    },
}

_HABITS: dict[str, tuple[tuple[str, float], ...]] = {
    "numbers": (("Int", 0.65), ("Nat", 0.35)),
    "definition": (("direct", 0.4), ("named", 0.25), ("steps", 0.35)),
    "docstring": (("textbook", 0.3), ("terse", 0.15), ("casual", 0.1), ("formal", 0.3),
                  ("steps", 0.15)),
    "types": (("named", 0.25), ("silent", 0.75)),
}  # fmt: skip

_SPOKEN = 0.65
"""Chance that an instruction has a clause of a given kind."""
_IGNORED = 0.04
"""Chance that a spoken clause is not followed: even the teacher's hand slips."""

CONTEXT_WRITERS: tuple[Writer, ...] = ("textbook", "textbook", "terse")
"""Who wrote the contexts' own docstrings."""


@dataclass(frozen=True, slots=True)
class Style:
    """What one conversation asks of the generator."""

    numbers: Numbers
    definition: Definition
    docstring: str
    types: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One context and the reply a perfect generator would give."""

    user: str
    reply: str


def draw_style(rng: random.Random) -> tuple[str, Style]:
    """An instruction, and the style a generator should answer it with."""
    chosen: dict[str, str] = {}
    sentences: list[str] = []
    for kind, options in CLAUSES.items():
        names, weights = zip(*_HABITS[kind], strict=True)
        chosen[kind] = rng.choices(names, weights)[0]
        if rng.random() < _SPOKEN:
            said = rng.choice(list(options))
            sentences.append(rng.choice(options[said]))
            if rng.random() >= _IGNORED:
                chosen[kind] = said
    rng.shuffle(sentences)
    style = Style(
        numbers="Nat" if chosen["numbers"] == "Nat" else "Int",
        definition=chosen["definition"],  # type: ignore[arg-type]
        docstring=chosen["docstring"],
        types=chosen["types"] == "named",
    )
    return " ".join([rng.choice(BASES), *sentences]), style


def write_turn(function: Function, style: Style, rng: random.Random) -> Turn:
    """A context and its gold reply in a style."""
    given = docstring(function, writer=rng.choice(CONTEXT_WRITERS), rng=rng)
    writer: Writer = (
        rng.choice(KNOWN_WRITERS) if style.docstring == "varied" else style.docstring  # type: ignore[assignment]
    )
    written = docstring(function, writer=writer, rng=rng, types=style.types)
    lean = lean_source(function, definition=style.definition, numbers=style.numbers)
    return Turn(user_text(python_source(function, rng), given), reply_text(written, lean))


def draw_conversation(rng: random.Random, *, turns: int) -> list[tuple[str, str]]:
    """A conversation as (role, text): an instruction, then contexts with replies in one style."""
    instruction, style = draw_style(rng)
    messages = [("system", instruction)]
    for _ in range(turns):
        turn = write_turn(draw_function(rng, split="pretraining"), style, rng)
        messages += [("user", turn.user), ("assistant", turn.reply)]
    return messages
