from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.eng2lean.definition import split_definition


@pytest.mark.parametrize(
    ("lean", "signature", "body"),
    [
        ("def f (x : Int) : Int := x + x", "def f (x : Int) : Int", " x + x"),
        ("def f (x : Int) : Int :=\n  x + x\n", "def f (x : Int) : Int", "\n  x + x"),
        ("def f (x : Int := 3) : Int := x", "def f (x : Int := 3) : Int", " x"),
        ("def f\n    (x : Int) :\n    Int := x", "def f (x : Int) : Int", " x"),
        ("def f /- := -/ (x : Int) -- :=\n : Int := x", "def f (x : Int) : Int", " x"),
        (
            "def f (x : Int) : Int := /- /- -/ def -/ x",
            "def f (x : Int) : Int",
            " /- /- -/ def -/ x",
        ),
        (
            'def f (s : String := "a  :=)") : String := s ++ "def"',
            'def f (s : String := "a  :=)") : String',
            ' s ++ "def"',
        ),
        ("def f (c : Char) : Bool := c == '\"'", "def f (c : Char) : Bool", " c == '\"'"),
        ("def f' (x' : Nat) : Nat := x'", "def f' (x' : Nat) : Nat", " x'"),
        (
            "def f (n : Nat) : Nat := match n with | 0 => 1 | m + 1 => m",
            "def f (n : Nat) : Nat",
            " match n with | 0 => 1 | m + 1 => m",
        ),
        (
            "def f (x : Int) : Int :=\n  let y := x\n  y",
            "def f (x : Int) : Int",
            "\n  let y := x\n  y",
        ),
        ("def f (xs : List Int) : Nat := xs.class.length", "def f (xs : List Int) : Nat", None),
    ],
)
def test_a_definition_is_split_at_its_own_assignment(lean, signature, body):
    definition = split_definition(lean)
    assert definition is not None
    assert definition.signature == signature
    assert definition.body == (body or lean.split(":=")[1])


@pytest.mark.parametrize(
    "lean",
    [
        "",
        "x + x",
        "def f (x : Int) : Int",
        "def f (x : Int) : Int :=",
        "def f (x : Int) := x",
        "def f : Nat → Nat\n  | 0 => let y := 1; y\n  | n + 1 => n",
        "def f (x : Int) : Int := x\n\ndef g (x : Int) : Int := x",
        "def f (x : Int) : Int := x\ntheorem f_eq : f 1 = 1 := rfl",
        "def f (x : Int) : Int := x\n#eval f 3",
        "theorem f : 1 = 1 := rfl",
        "def f : Foo where x := 1",
        "def f (x : Int) : Int := (x",
        "def f (x : Int : Int := x",
        "def f (x : Int) : Int := x /- unfinished",
    ],
)
def test_what_is_not_one_typed_definition_is_not_guessed_at(lean):
    assert split_definition(lean) is None


@pytest.mark.parametrize(
    ("header", "parameters", "result"),
    [
        ("def f (x : Int) : Int", ("Int",), "Int"),
        ("def f (x y : Int) (b : Bool) : Int", ("Int", "Int", "Bool"), "Int"),
        ("def f (xs : List Int) : List (List Int)", ("List Int",), "List (List Int)"),
        ("def f : Int → List Int → Bool", ("Int", "List Int"), "Bool"),
        ("def f {α : Type} [BEq α] (x : α) : Bool", ("α",), "Bool"),
        ("def f (x : Int := 3) : Int", ("Int",), "Int"),
        ("def f x (y : Int) : Int", ("_", "Int"), "Int"),
        ("def f (g : Int → Int) : Int", ("Int → Int",), "Int"),
        ("def f : Int", (), "Int"),
    ],
)
def test_the_types_are_read_off_the_header(header, parameters, result):
    definition = split_definition(header + " := 0")
    assert definition is not None
    assert definition.name == "f"
    assert definition.parameter_types == parameters
    assert definition.result_type == result


@given(st.text(alphabet="def f(x:=Int){}[]|\"'-/\\\n→ #", max_size=60))
def test_no_text_breaks_the_splitting(text):
    definition = split_definition("def " + text)
    if definition is not None:
        assert definition.body.strip()
        assert definition.signature.startswith("def ")
