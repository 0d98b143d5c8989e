import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.generation.layout import read_reply, reply_text, user_text

_TEXT = st.text(st.characters(exclude_characters="-/`", exclude_categories=["C", "Z"]), min_size=1)


@given(_TEXT, _TEXT)
def test_a_reply_is_read_back_as_it_was_written(docstring, lean):
    assert read_reply(reply_text(docstring, lean)) == (docstring, lean)


@pytest.mark.parametrize(
    "text", ["", "   ", "I cannot do that.", "/-- only words -/", "/-- -/ def f := 1"]
)
def test_a_reply_without_docstring_or_definition_reads_as_nothing(text):
    assert read_reply(text) is None


def test_fences_and_talk_around_a_reply_are_dropped():
    text = (
        "Sure!\n```lean\n/-- Twice x.\n  -/\ndef f (x : Int) : Int := x + x\n```\nAnything else?"
    )
    assert read_reply(text) == ("Twice x.", "def f (x : Int) : Int := x + x")


def test_a_context_is_shown_with_its_docstring_first():
    assert user_text("def f(): ...", "Nothing.") == '"""Nothing."""\ndef f(): ...'
