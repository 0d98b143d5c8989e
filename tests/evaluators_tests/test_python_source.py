from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.eng2lean.python_source import read_function


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ('def f(x):\n    """D."""\n    return x', "def f(x):\n    return x"),
        ('def f(x):\n    "D."  # why\n    return x', "def f(x):\n    return x"),
        ('def f(x): "D."; return x', "def f(x): return x"),
        ('def f(x):\n    "D."; y = x; return y', "def f(x):\n    y = x; return y"),
        ('def f(x):\n    """D."""', "def f(x):\n    pass"),
        ('def f(é="é"):\n    "Dé"; return "D."', 'def f(é="é"):\n    return "D."'),
        ("def f(x):\n    return x\n", "def f(x):\n    return x"),
    ],
)
def test_only_the_docstring_is_cut(source, bare):
    assert read_function(source).source == bare


def test_the_docstring_is_dedented():
    assert read_function('def f():\n    """A.\n\n    B.\n    """').docstring == "A.\n\nB."


def test_a_nested_function_keeps_its_docstring():
    source = 'def f():\n    "Outer."\n    def g():\n        "Inner."\n    return g'
    assert '"Inner."' in read_function(source).source


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f(:\n    pass", "line 1 of it"),
        ("\0", "null bytes"),
        ("f = lambda x: x", "no function at top level"),
        ("class A:\n    def f(self): pass", "no function at top level"),
        ("x = " + "(" * 5000 + ")" * 5000, "of it|nested"),
    ],
)
def test_what_is_no_function_says_why(source, says):
    with pytest.raises(ValueError, match=says):
        read_function(source)


@given(
    docstring=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40),
    before=st.sampled_from(["", "import math\n\n", "@staticmethod\n", "# é\n"]),
)
def test_any_docstring_leaves_the_same_body(docstring, before):
    source = f"{before}def f(x):\n    {docstring!r}\n    return x\n"
    function = read_function(source)
    assert ast.unparse(ast.parse(function.source)) == ast.unparse(
        ast.parse(f"{before}def f(x):\n    return x\n")
    )
