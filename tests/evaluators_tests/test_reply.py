"""However a model wraps its answer, the Lean in it is read as it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.thoughts import without_thoughts
from evaluators.eng2lean.reply import read_reply

DOCSTRING = "Twice x."
LEAN = "def f (x : Int) : Int :=\n  let y := x + x\n  y"

FORMS = {
    "as asked": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{lean}\n\n"
    "[[ ## completed ## ]]",
    "as asked, not ended": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{lean}",
    "markers on the line": "[[ ## docstring ## ]] {docstring}\n[[ ## lean ## ]] {lean}\n"
    "[[ ## completed ## ]]",
    "bold markers": "**[[ ## docstring ## ]]**\n{docstring}\n\n**[[ ## lean ## ]]**\n{lean}",
    "lean fence in a field": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean\n{lean}\n```\n\n[[ ## completed ## ]]",
    "lean4 fence in a field": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean4\n{lean}\n```",
    "bare fence in a field": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```\n{lean}\n```\n[[ ## completed ## ]]",
    "tildes in a field": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "~~~lean\n{lean}\n~~~",
    "long fence": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n````lean\n{lean}\n````",
    "fence that is not ended": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean\n{lean}",
    "fence that was not begun": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "{lean}\n```",
    "fence ended on the last line": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean\n{lean}```",
    "fence begun on the marker's line": "[[ ## docstring ## ]]\n{docstring}\n\n"
    "[[ ## lean ## ]] ```lean\n{lean}\n```",
    "fence with its code on its own line": "[[ ## docstring ## ]]\n{docstring}\n\n"
    "[[ ## lean ## ]]\n```lean {lean}\n```",
    "every field in a fence": "[[ ## docstring ## ]]\n```\n{docstring}\n```\n\n"
    "[[ ## lean ## ]]\n```lean\n{lean}\n```\n\n[[ ## completed ## ]]",
    "the whole reply in a fence": "```\n[[ ## docstring ## ]]\n{docstring}\n\n"
    "[[ ## lean ## ]]\n{lean}\n\n[[ ## completed ## ]]\n```",
    "prose before a fence": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "Here is the definition:\n\n```lean\n{lean}\n```",
    "prose around a fence": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "Sure!\n```lean\n{lean}\n```\nThis is total. Anything else?\n\n[[ ## completed ## ]]",
    "prose before bare code": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "Here it is:\n{lean}",
    "prose after bare code": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "{lean}\n\nThis definition is total.",
    "a use after the definition": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean\n{lean}\n```\nTry it:\n```lean\n#eval 1 + 1\n```",
    "a draft before the definition": "[[ ## docstring ## ]]\n{docstring}\n\n"
    "[[ ## lean ## ]]\nFirst:\n```lean\ndef g := sorry\n```\nBetter:\n```lean\n{lean}\n```",
    "python beside the definition": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "```lean\n{lean}\n```\nIn Python:\n```python\nprint(1)\n```",
    "an indented fence": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n"
    "1. Lean:\n   ```lean\n{indented}\n   ```",
    "a quoted fence": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{quoted}",
    "ticks around": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n`{lean}`",
    "a string around": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{string}",
    "JSON": "{json}",
    "JSON in a fence": "Here you are:\n```json\n{json}\n```",
    "JSON in the field": "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{json}",
    "the docstring as a comment": "[[ ## docstring ## ]]\n/-- {docstring} -/\n\n"
    "[[ ## lean ## ]]\n{lean}",
    "the docstring in quotes": '[[ ## docstring ## ]]\n"{docstring}"\n\n[[ ## lean ## ]]\n{lean}',
    "one marker missing": "[[ ## docstring ## ]]\n{docstring}\n\n```lean\n{lean}\n```",
    "the docstring above the Lean": "[[ ## lean ## ]]\n/-- {docstring} -/\n{lean}",
    "labels": "**Docstring:** {docstring}\n\n**Lean:**\n```lean\n{lean}\n```",
    "no markers": "Sure, here it is.\n\n```lean\n/-- {docstring} -/\n{lean}\n```\nEnjoy!",
    "no markers, no fence": "Sure, here it is.\n\n/-- {docstring} -/\n{lean}",
    "plain": "/-- {docstring} -/\n{lean}",
    "after an import": "```lean\nimport Mathlib\n\n/-- {docstring} -/\n{lean}\n```",
    "thought": "<think>\nMaybe ```lean\ndef g := 0\n``` no.\n</think>\n\n"
    "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n{lean}",
    "thought whose beginning the template wrote": "Maybe def g := 0?\n</think>\n\n"
    "[[ ## docstring ## ]]\n{docstring}\n\n[[ ## lean ## ]]\n```lean4\n{lean}\n```",
}


def wrapped(form: str, docstring: str, lean: str) -> str:
    quoted = "\n".join(f"> {line}" for line in f"```lean\n{lean}\n```".split("\n"))
    values = {
        "docstring": docstring,
        "lean": lean,
        "indented": "\n".join(f"   {line}" for line in lean.split("\n")),
        "quoted": quoted,
        "string": json.dumps(lean),
        "json": json.dumps({"docstring": docstring, "lean": lean}),
    }
    for name, value in values.items():
        form = form.replace(f"{{{name}}}", value)
    return form


def read(text: str) -> tuple[str, str] | None:
    return read_reply(without_thoughts(text))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_lean_is_found_however_it_is_wrapped(form: str) -> None:
    assert read(wrapped(form, DOCSTRING, LEAN)) == (DOCSTRING, LEAN)


# one definition: no fence of its own, no marker, and nothing that reads as talk after it
_BODY = st.text(
    st.characters(exclude_characters="`~\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", codec="utf-8"),
    max_size=80,
).map(lambda text: "\n".join(line for line in text.split("\n") if line.strip()).rstrip())
_LEAN = st.builds(
    lambda head, body: f"{head} {body}".strip(),
    st.sampled_from(
        [
            "def f (x : Int) : Int :=",
            "private def f (xs : List Int) :=\n  match xs with\n ",
            "@[simp] def f : Nat → Nat :=",
            "partial def f (n : Nat) : Nat := -- halves\n ",
        ]
    ),
    _BODY,
).filter(lambda lean: not any(sign in lean for sign in ("[[", "<", "-/", "/--")))


@given(_LEAN, st.sampled_from(list(FORMS.values())))
def test_any_lean_is_read_back_as_it_was_written(lean: str, form: str) -> None:
    assert read(wrapped(form, DOCSTRING, lean)) == (DOCSTRING, lean)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "I cannot do that.",
        "/-- only words -/",
        "/-- for := let r1 := a",
        "```\n```",
        "[[ ## docstring ## ]]\nTwice x.\n\n[[ ## lean ## ]]\n\n[[ ## completed ## ]]",
        "[[ ## docstring ## ]]\nTwice x.",
        "<think>def f := 1",
        '{"docstring": "Twice x."}',
        "{",
    ],
)
def test_a_reply_without_a_definition_reads_as_nothing(text: str) -> None:
    assert read(text) is None


def test_a_definition_without_a_docstring_is_one_without_a_docstring() -> None:
    assert read(f"```lean\n{LEAN}\n```") == ("", LEAN)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    read(text)
    read(f"[[ ## lean ## ]]\n{text}")
