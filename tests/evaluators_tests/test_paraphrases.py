from __future__ import annotations

from evaluators.leaks.paraphrases import LEAST_EVIDENCE, Described, closest, shared_words

PASSAGES = [
    Described("Reverse the order of the words in a sentence.", "reverse_words"),
    Described("The sum of all even numbers in a list.", "sum_of_evens"),
    Described("The sum of a list.", "sum_list"),
]


def test_the_nearest_passage_comes_first_and_far_ones_come_last() -> None:
    asked = Described("Adds up the even numbers of a list.", "")
    found = closest(PASSAGES, asked, at_most=3)
    assert [one.passage for one in found] == [1, 2, 0]
    assert found[0].degree > found[1].degree > found[2].degree
    assert found[2].degree < 0 < LEAST_EVIDENCE


def test_at_most_so_many_are_given_and_nothing_is_near_to_nothing() -> None:
    asked = Described("Adds up the even numbers of a list.", "")
    assert len(closest(PASSAGES, asked, at_most=1)) == 1
    assert closest([], asked, at_most=3) == []


def test_words_in_common_are_given_as_they_are_written() -> None:
    assert shared_words("The sum of all even numbers.", "Adds up the integers that are even.") == [
        "sum",
        "even",
        "numbers",
    ]
    assert shared_words("Reverse it.", "The sum of a list.") == []
