"""How deeply a program nests its brackets: of code alone, and however they are hidden."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean_sandbox.nesting import deepest, nests_deeper
from lean_sandbox.policy import MAX_NESTING
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.size_gate import unreadable

PAIRS = ("()", "[]", "{}", "⟨⟩")
NOISE = st.text("()[]{}⟨⟩ab'\n« -/", max_size=8)
"""Brackets and what else a scanner may stumble over; each form takes out what would end it."""


@dataclass(frozen=True)
class Piece:
    """A text whose depth is known, because it was put together."""

    text: str
    depth: int


def _flat(text: str) -> Piece:
    return Piece(text, 0)


def _in_sequence(pieces: list[Piece]) -> Piece:
    text = " ".join(piece.text for piece in pieces)
    return Piece(text, max((piece.depth for piece in pieces), default=0))


def _without(text: str, *parts: str) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text


def _comment(text: str) -> Piece:
    return _flat(f"/- {_without(text, '/', '-')} /- {_without(text, '/', '-')} -/ ( -/")


def _interpolated(parts: tuple[str, list[Piece]]) -> Piece:
    """The braces of an interpolated string are code, and so is what they hold."""
    around, pieces = _without(parts[0], "{", '"', "\\"), parts[1]
    holes = "".join(f"{{{piece.text}\n}}{around}" for piece in pieces)
    depth = max((piece.depth + 1 for piece in pieces), default=0)
    return Piece(f's!"{around}{holes}"', depth)


# no `s!` among them: with any string behind it, it would be an interpolated one
LEAVES = st.one_of(
    st.sampled_from(["x", "x'", "f '' s", "x!", "s!x", "r", "⁻¹'", "3", "+", "«a (b»"]).map(_flat),
    st.sampled_from('()[]{}⟨⟩"-').map(lambda c: _flat(f"'{c}'")),
    st.sampled_from([r"'\''", r"'\"'", r"'\\'", r"'\x28'", r"'\u0028'"]).map(_flat),
    NOISE.map(lambda text: _flat("--" + _without(text, "\n") + "\n")),
    NOISE.map(_comment),
    NOISE.map(lambda text: _flat(f"/-- {_without(text, '/')} -/")),
    NOISE.map(lambda text: _flat(f'"{text}\\"{text}\\\\"')),
    NOISE.map(lambda text: _flat(f'r"{text}\\"')),
    NOISE.map(lambda text: _flat(f'r##"{text}"#{text}"##')),
)
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(_in_sequence),
        st.tuples(st.sampled_from(PAIRS), inner).map(
            lambda part: Piece(f"{part[0][0]}{part[1].text}\n{part[0][1]}", part[1].depth + 1)
        ),
        st.tuples(NOISE, st.lists(inner, max_size=3)).map(_interpolated),
    ),
    max_leaves=12,
)


@given(TEXTS)
def test_brackets_count_where_they_are_code(piece: Piece) -> None:
    assert deepest(piece.text) == piece.depth


@given(TEXTS)
def test_a_text_is_too_deep_from_its_depth_on(piece: Piece) -> None:
    assert not nests_deeper(piece.text, piece.depth)
    assert piece.depth == 0 or nests_deeper(piece.text, piece.depth - 1)


@given(TEXTS, st.sampled_from(PAIRS))
def test_nothing_before_it_hides_nesting_that_is_real(piece: Piece, pair: str) -> None:
    deep = pair[0] * (MAX_NESTING + 1) + "x" + pair[1] * (MAX_NESTING + 1)
    said = unreadable(CheckRequest(f"def f := 1 {piece.text}\n{deep}"))
    assert said is not None
    assert said.reason == "too_deep"


@given(st.text("()[]{}⟨⟩\"'\\-/«»rs!#x \n", max_size=60))
def test_any_text_has_a_depth_and_no_more_than_it_has_brackets(text: str) -> None:
    assert 0 <= deepest(text) <= sum(map(text.count, "([{⟨"))


@pytest.mark.parametrize("piece", ["«", "/-", 's!"{', "r#", '"\\', "'", "s! "])
def test_what_is_never_closed_reaches_to_the_end(piece: str) -> None:
    assert deepest(piece * 30_000) <= 30_000


MANY = "(" * (MAX_NESTING + 1)


@pytest.mark.lean
@pytest.mark.parametrize(
    "program",
    [
        f"-- {MANY}\ndef f := 1",
        f"/- {MANY} /- {MANY} -/ -/ def f := 1",
        f"/-- {MANY} -/ def f := 1",
        f'def f := "{MANY}"',
        f'def f := r#"{MANY}"#',
        f"def «{MANY}» := 1",
        f"def f (x' : Nat) := s!\"{MANY}{{x'}}\"",
        "def f := [" + ", ".join(["'('"] * (MAX_NESTING + 1)) + "]",
    ],
)
def test_brackets_that_are_no_code_are_no_reason_to_refuse(pool: LeanPool, program: str) -> None:
    said = check(pool, program)
    assert said.accepted, said
