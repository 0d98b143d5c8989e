from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean_sandbox.lexing import tokens, without_comments

PIECES = st.sampled_from(
    [
        *"()[]{}⟨⟩⦃⦄\"'\\-/«».#!r0x ",
        "--",
        "/-",
        "-/",
        's!"',
        'r#"',
        '"#',
        ":=",
        "→",
        "x'",
        "12",
        "\n",
    ]
)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text) if token.kind != "space"]


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_the_tokens_joined_are_the_text(text: str) -> None:
    found = list(tokens(text))
    assert "".join(token.text for token in found) == text
    assert all(token.text == text[token.start : token.end] != "" for token in found)
    assert [token.kind for token in found[:-1]].count("unclosed") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f x' y.z.1", [("word", "f"), ("word", "x'"), ("word", "y.z.1")]),
        ("(a).1.b", [("open", "("), ("word", "a"), ("close", ")"), ("sign", "."), ("word", "1"),
                     ("sign", "."), ("word", "b")]),
        ("«a (b».c", [("word", "«a (b».c")]),
        ("12 1.5 0x1F", [("number", "12"), ("number", "1.5"), ("number", "0x1F")]),
        ("[0...n]", [("open", "["), ("number", "0"), ("sign", "..."), ("word", "n"),
                     ("close", "]")]),
        ("x:=y->z", [("word", "x"), ("sign", ":="), ("word", "y"), ("sign", "->"), ("word", "z")]),
        ("⦃x⦄", [("open", "⦃"), ("word", "x"), ("close", "⦄")]),
        ("'(' '\\'' x'", [("character", "'('"), ("character", "'\\''"), ("word", "x'")]),
        ('"a\\"b" c', [("string", '"a\\"b"'), ("word", "c")]),
        ('r"\\" r##"a"#b"##', [("string", 'r"\\"'), ("string", 'r##"a"#b"##')]),
        ("a -- b\nc", [("word", "a"), ("comment", "-- b"), ("word", "c")]),
        ("/- a /- b -/ c -/ d", [("comment", "/- a /- b -/ c -/"), ("word", "d")]),
        ("/-/ -/ d", [("comment", "/-/ -/"), ("word", "d")]),
        ("x /- /- -/", [("word", "x"), ("unclosed", "/- /- -/")]),
        ('x "y', [("word", "x"), ("unclosed", '"y')]),
        ('x r#"y"', [("word", "x"), ("unclosed", 'r#"y"')]),
        ("x «y", [("word", "x"), ("unclosed", "«y")]),
        ('x.s!"{"', [("word", "x.s!"), ("string", '"{"')]),
    ],
)  # fmt: skip
def test_lean_is_read_the_way_lean_reads_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_the_braces_of_an_interpolated_string_are_code() -> None:
    assert kinds('s!"a{f {x}}b\\{{"("}" y') == [
        ("interpolated", 's!"'), ("interpolated", "a"), ("open", "{"), ("word", "f"),
        ("open", "{"), ("word", "x"), ("close", "}"), ("close", "}"), ("interpolated", "b\\{"),
        ("open", "{"), ("string", '"("'), ("close", "}"), ("interpolated", '"'), ("word", "y"),
    ]  # fmt: skip


def test_a_text_can_be_read_from_a_place_on() -> None:
    assert [(token.text, token.start) for token in tokens("if x then", 3)] == [
        ("x", 3), (" ", 4), ("then", 5),
    ]  # fmt: skip


def test_a_comment_leaves_one_blank() -> None:
    assert without_comments('a/- b /- c -/ -/d -- "e\n"-- f"') == 'a d  \n"-- f"'
