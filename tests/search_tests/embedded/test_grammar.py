import random
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.embedded.clauses import CLAUSES, draw_conversation, draw_style
from search.embedded.corpora import READINGS, draw_text
from search.embedded.english import HELD_OUT_WRITERS, KNOWN_WRITERS, docstring
from search.embedded.grammar import (
    Function,
    Tree,
    draw_calls,
    draw_function,
    python_source,
    python_steps,
    split_of,
)
from search.embedded.lean_writer import lean_signature, lean_source
from search.embedded.operations import OPERATIONS

SPLITS = ("pretraining", "contexts", "demos", "search_problems", "sealed_problems")

_X = Tree("", parameter="x", kind="int")
_TRIPLE_PLUS_ONE = Function(
    "f", (("x", "int"),), Tree("add_k", (Tree("mul_k", (_X,), 3, kind="int"),), 1, kind="int")
)


@given(st.integers(0, 10**6), st.sampled_from(SPLITS))
@settings(max_examples=60, deadline=None)
def test_a_drawn_function_belongs_to_the_split_it_was_drawn_for(seed, split):
    assert split_of(draw_function(random.Random(seed), split=split)) == split


@given(st.integers(0, 10**6), st.sampled_from(SPLITS))
@settings(max_examples=60, deadline=None)
def test_every_way_of_writing_the_python_means_the_same(seed, split):
    function = draw_function(random.Random(seed), split=split)
    calls = draw_calls(function, random.Random(seed), n=4)
    sources = [python_source(function, random.Random(variant)) for variant in range(4)]
    for source in [*sources, python_steps(function)]:
        scope: dict[str, object] = {}
        exec(source, scope)
        assert [scope[function.name](*arguments) for arguments, _ in calls] == [
            v for _, v in calls
        ]


def test_a_function_written_by_hand_reads_as_expected_everywhere():
    rng = random.Random(0)
    assert python_source(_TRIPLE_PLUS_ONE, rng).endswith(
        ("return (x * 3) + 1", "r = x * 3\n    return r + 1")
    )
    assert lean_signature(_TRIPLE_PLUS_ONE) == "def f (x : Int) : Int"
    assert lean_source(_TRIPLE_PLUS_ONE, definition="direct").endswith(":=\n  (x * 3) + 1")
    assert lean_source(_TRIPLE_PLUS_ONE, definition="named").endswith("Int.add (Int.mul x 3) 1")
    assert lean_source(_TRIPLE_PLUS_ONE, definition="steps", numbers="Nat").endswith(
        "(x : Nat) : Nat :=\n  let r1 := x * 3\n  r1 + 1"
    )
    assert docstring(_TRIPLE_PLUS_ONE, writer="terse", rng=rng) == "(x times 3) plus 1."
    assert (
        docstring(_TRIPLE_PLUS_ONE, writer="steps", rng=rng)
        == "Multiply x by 3. Add 1 to result 1."
    )


def test_renaming_parameters_does_not_change_a_function_s_key():
    y = Tree("", parameter="y", kind="int")
    renamed = Function(
        "g", (("y", "int"),), Tree("add_k", (Tree("mul_k", (y,), 3, kind="int"),), 1, kind="int")
    )
    assert renamed.key == _TRIPLE_PLUS_ONE.key


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_template_names_all_arguments_of_its_operation(operation):
    wanted = {str(i) for i in range(len(operation.arguments))}
    wanted |= {"k"} if operation.constants else set()
    for template in (operation.python, operation.lean, operation.named, *operation.english):
        fields = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert fields - {"T"} == wanted, template


def test_every_operation_has_words_in_all_five_registers():
    assert {len(operation.english) for operation in OPERATIONS} == {5}


def test_no_student_has_read_a_docstring_with_a_lean_definition():
    rng = random.Random(1)
    for reading in READINGS.values():
        for _ in range(300):
            text = draw_text(reading, rng)
            is_lean, is_described = ":=" in text, '"""' in text
            assert is_lean != is_described
            assert "/--" not in text


def test_held_out_writers_appear_in_no_reading_and_no_conversation():
    assert not set(HELD_OUT_WRITERS) & set(KNOWN_WRITERS)
    assert not any(set(HELD_OUT_WRITERS) & set(r.writers) for r in READINGS.values())
    rng = random.Random(2)
    spoken = " ".join(text for _ in range(200) for _, text in draw_conversation(rng, turns=2))
    assert "Can you work out" not in spoken
    assert "Yields" not in spoken


def test_the_style_follows_a_spoken_clause_almost_always():
    rng = random.Random(3)
    followed = []
    for _ in range(2000):
        instruction, style = draw_style(rng)
        for said, phrases in CLAUSES["definition"].items():
            if any(phrase in instruction for phrase in phrases):
                followed.append(style.definition == said)
    assert 0.95 < sum(followed) / len(followed) < 1.0
