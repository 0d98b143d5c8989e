from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evaluators.eng2lean.evaluate import MAX_ANSWER_CHARACTERS, extract_body
from evaluators.eng2lean.stop_rule import definition_ended

PIECES = [
    "x + x",
    "\n\n",
    "\n",
    "\r\n",
    "  ",
    "def g := 1",
    "termination_by x",
    "then 1",
    "else 2",
    "| 0 => 1",
    '"a string',
    '"',
    "'\"'",
    "-- remark",
    "/-",
    "-/",
    "where",
    "theorem t : True := trivial",
    "default",
    "#eval 1",
    "prose that goes on and on",
]


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        ("", False),
        (" x + x", False),
        (" x + x\n\n", False),
        (" x + x\n\ntheorem t : 1 + 1 = 2 := rfl", True),
        (" x + x\n/-- Three more. -/\ndef g (x : Int) : Int := x", True),
        (" match x with\n| 0 => 1\n| _ => 2\n| _ => 22222222222222222222222", False),
        (" x\nwher", False),
        (' "text\n\nthat goes on for a long while', False),
        ("x" * MAX_ANSWER_CHARACTERS, True),
    ],
)
def test_an_answer_has_ended_when_enough_stands_behind_its_definition(answer, ended):
    assert definition_ended(answer) is ended


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.integers(0, 200))
@example([" x\n", "termination_by x"], 12)
@example(['"a string', "\n\n", "prose that goes on and on", '"'], 60)
def test_stopping_early_never_changes_the_body(pieces, length):
    whole = "".join(pieces)
    begun = whole[:length]
    if definition_ended(begun):
        assert extract_body(begun) == extract_body(whole)
