from hypothesis import given
from hypothesis import strategies as st

from evaluators.eng2lean.form import reply_text, user_text
from evaluators.eng2lean.reply import read_reply

_TEXT = st.text(st.characters(exclude_characters="-/`", exclude_categories=["C", "Z"]), min_size=1)


@given(_TEXT, _TEXT)
def test_a_reply_in_the_form_that_was_asked_for_is_read_back(docstring: str, lean: str) -> None:
    assert read_reply(reply_text(f"a {docstring}", lean)) == (f"a {docstring}", lean)


def test_a_context_is_shown_with_its_docstring_first() -> None:
    assert user_text("def f(): ...", "Nothing.") == '"""Nothing."""\ndef f(): ...'
