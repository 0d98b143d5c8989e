"""What each embedded student has read before anyone fine-tunes it: English alone and Lean alone.

No text pairs a docstring with a definition: that is the final task, and the students have never
been shown it. They differ in the writers, notations and number types they have read.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from search.embedded.english import Writer, docstring
from search.embedded.grammar import draw_function
from search.embedded.lean_writer import Definition, Numbers, lean_source


@dataclass(frozen=True, slots=True)
class Reading:
    """One student's pre-training diet."""

    writers: tuple[Writer, ...]
    definitions: tuple[Definition, ...]
    numbers: tuple[Numbers, ...]
    paraphrase_share: float
    """Share of English texts that say the same thing twice, in two writers' words."""


READINGS: dict[str, Reading] = {
    "student-a": Reading(
        writers=("textbook", "terse", "casual", "formal", "steps"),
        definitions=("direct",),
        numbers=("Int",),
        paraphrase_share=0.5,
    ),
    "student-b": Reading(
        writers=("textbook", "steps"),
        definitions=("named", "named", "steps"),
        numbers=("Int", "Nat"),
        paraphrase_share=0.0,
    ),
}


def draw_text(reading: Reading, rng: random.Random) -> str:
    """One pre-training text."""
    function = draw_function(rng, split="pretraining")
    if rng.random() < 0.5:
        return lean_source(
            function,
            definition=rng.choice(reading.definitions),
            numbers=rng.choice(reading.numbers),
        )
    first = rng.choice(reading.writers)
    text = docstring(function, writer=first, rng=rng, types=rng.random() < 0.3)
    if rng.random() < reading.paraphrase_share:
        second = rng.choice([writer for writer in reading.writers if writer != first])
        text = f"{text} {docstring(function, writer=second, rng=rng)}"
    return f"/-- {text} -/"
