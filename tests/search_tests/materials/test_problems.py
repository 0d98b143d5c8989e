from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluators.errors import RowsError
from evaluators.problem import Problem
from evaluators.task import Demo
from search.materials.problems import load_demos, load_problems, problems_hash
from tests.search_tests.eng2lean import TASK


def problem(**fields: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "id": "p1",
        "docstring": "Twice x.",
        "signature": "def f (x : Int) : Int",
        "tests": ["f 3 = 6"],
        "reference": "def f (x : Int) : Int := x + x",
    }
    return {**whole, **fields}


def write(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_problems_come_in_file_order_up_to_the_limit(tmp_path):
    source = write(tmp_path, problem(style="terse"), problem(id="p2"), problem(id="p3"))
    assert [one.id for one in load_problems(source, TASK)] == ["p1", "p2", "p3"]
    assert load_problems(source, TASK, limit=1) == (
        Problem(
            id="p1",
            docstring="Twice x.",
            signature="def f (x : Int) : Int",
            tests=("f 3 = 6",),
            reference="def f (x : Int) : Int := x + x",
        ),
    )


def test_the_hash_changes_with_a_hidden_test(tmp_path):
    first = problems_hash(load_problems(write(tmp_path, problem()), TASK))
    other = problems_hash(load_problems(write(tmp_path, problem(tests=["f 3 = 7"])), TASK))
    assert first != other


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"tests": []}, "no tests: a problem without tests cannot be failed"),
        ({"tests": [7]}, "`tests` must hold texts, not 7"),
        ({"signature": "def f (x : Int) : Int :="}, "`signature` must end before `:=`"),
        ({"docstring": None}, "no field `docstring`"),
    ],
)
def test_a_problem_that_cannot_be_scored_is_refused_by_line(tmp_path, fields, says):
    with pytest.raises(RowsError) as refused:
        load_problems(write(tmp_path, problem(id="p0"), problem(**fields)), TASK)
    assert "rows.jsonl:2: " + says in str(refused.value)


def test_demos_are_found_by_id_and_their_tags_ignored(tmp_path):
    texts = {"python": "def f(x): ...", "docstring_in": "A", "docstring": "B", "lean": "C"}
    demos = load_demos(write(tmp_path, {"id": "d1", **texts, "tags": ["direct"]}), TASK.form)
    assert demos == {"d1": Demo(("def f(x): ...", "A"), ("B", "C"))}


def test_an_unknown_embedded_name_lists_the_known_ones():
    with pytest.raises(RowsError, match="no `embedded:nothing`; there are"):
        load_problems("embedded:nothing", TASK)
