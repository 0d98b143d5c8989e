from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluators.errors import ContaminationError, RowsError
from evaluators.leaks.contamination import Passage
from search.evaluate.learnt_from import load_learnt
from search.materials.gathering import gather
from search.settings.file import load_study
from tests.search_tests.small_study import write_small_study


def write(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "learnt.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_contexts_demos_and_generated_rows_are_all_passages(tmp_path):
    context = {
        "id": "c1",
        "python": 'def twice(x):\n    """Twice x."""\n    return x + x\n',
        "calls": [{"arguments": [2], "value": 4}],
    }
    demo = {"id": "d1", "python": "def f(x): ...", "docstring": "Twice.", "lean": "def f := 1"}
    generated = {"context_id": "g1", "docstring": "Thrice.", "lean": "def g := 2", "name": "g"}
    found = load_learnt([write(tmp_path, context, demo, generated)])
    assert found == (
        Passage("c1", "learnt row", "Twice x.", name="twice", shape=("int", "int")),
        Passage("d1", "learnt row", "Twice.", lean="def f := 1", name="f"),
        Passage("g1", "learnt row", "Thrice.", lean="def g := 2", name="g"),
    )


def test_the_embedded_contexts_can_be_named():
    assert len(load_learnt(["embedded:contexts", "embedded:demos"])) > 600


def test_a_row_that_says_nothing_is_named(tmp_path):
    with pytest.raises(RowsError, match=r"learnt.jsonl:2: no `docstring` and no `lean`"):
        load_learnt([write(tmp_path, {"lean": "def f := 1"}, {"id": "x", "python": "1 +"})])


@pytest.mark.parametrize("leaks", ["copies", "likely"])
def test_a_study_stops_at_likely_leaks_only_when_it_says_so(tmp_path, leaks):
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("problems:\n", f"problems:\n  leaks: {leaks}\n"), "utf-8")
    rows = (tmp_path / "search.jsonl").read_text(encoding="utf-8").splitlines()
    problem = {
        **json.loads(rows[0]),
        "docstring": "This task requires the surface area of a cube.",
        "signature": "def cubeArea (x : Int) : Int",
    }
    (tmp_path / "search.jsonl").write_text("\n".join([json.dumps(problem), *rows[1:]]), "utf-8")
    with (tmp_path / "contexts.jsonl").open("a", encoding="utf-8") as contexts:
        cube = "def cube_area(x):\n    return 6 * x * x\n"
        row = {"id": "cube", "python": cube, "docstring": "Find the surface area of a cube."}
        contexts.write(json.dumps(row) + "\n")
    if leaks == "copies":
        gather_only(study)
    else:
        with pytest.raises(ContaminationError, match="context cube and problem search-0: name"):
            gather_only(study)


def gather_only(study: Path) -> None:
    settings = load_study(study)
    gather(settings.model_copy(update={"student": "embedded:student-a"}))


def test_the_embedded_study_has_no_copies_of_its_problems():
    gather(load_study(Path("examples/embedded.yaml")))
