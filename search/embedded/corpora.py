"""What each embedded student has read before anyone fine-tunes it: described Python, and Lean.

No text pairs a docstring with a Lean definition: that is the final task, and the students have
never been shown it. They differ in whose English, which notation and which numbers they know.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from evaluators.eng2lean.form import user_text
from search.embedded.english import Writer, docstring
from search.embedded.grammar import draw_function, python_source, python_steps
from search.embedded.lean_writer import Definition, Numbers, lean_source


@dataclass(frozen=True, slots=True)
class Reading:
    """One student's pre-training diet."""

    writers: tuple[Writer, ...]
    """Who wrote the docstrings of the Python it has read."""
    stepwise: bool
    """Whether that Python has a variable for each operation."""
    definitions: tuple[Definition, ...]
    """The notations of the Lean it has read, without docstrings."""
    numbers: tuple[Numbers, ...]
    lean_share: float
    """Share of Lean texts; the others are Python functions under their docstrings."""


READINGS: dict[str, Reading] = {
    "student-a": Reading(
        writers=("textbook", "terse", "casual", "formal", "steps"),
        stepwise=False,
        definitions=("direct",),
        numbers=("Int",),
        lean_share=0.3,
    ),
    "student-b": Reading(
        writers=("textbook", "terse", "casual", "steps"),
        stepwise=True,
        definitions=("steps",),
        numbers=("Int", "Nat"),
        lean_share=0.3,
    ),
}


def draw_text(reading: Reading, rng: random.Random) -> str:
    """One pre-training text."""
    function = draw_function(rng, split="pretraining")
    if rng.random() < reading.lean_share:
        return lean_source(
            function,
            definition=rng.choice(reading.definitions),
            numbers=rng.choice(reading.numbers),
        )
    writer = rng.choice(reading.writers)
    text = docstring(function, writer=writer, rng=rng, types=rng.random() < 0.2)
    python = python_steps(function) if reading.stepwise else python_source(function, rng)
    return user_text(python, text)
