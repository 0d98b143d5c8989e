from __future__ import annotations

import pytest

from evaluators.words import counted


@pytest.mark.parametrize(
    ("number", "noun", "plural", "words"),
    [
        (0, "pair", "", "0 pairs"),
        (1, "pair", "", "1 pair"),
        (2, "likely pair", "", "2 likely pairs"),
        (1200, "pair", "", "1,200 pairs"),
        (1, "query", "queries", "1 query"),
        (3, "query", "queries", "3 queries"),
    ],
)
def test_a_noun_agrees_with_its_number(number: int, noun: str, plural: str, words: str) -> None:
    assert counted(number, noun, plural) == words
