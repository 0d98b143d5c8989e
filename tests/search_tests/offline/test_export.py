from __future__ import annotations

import json
from pathlib import Path

import pytest

from engines.settings import GeneratorSettings
from evaluators.statistics.score import Score
from evaluators.task import Demo
from search.errors import PipelineError
from search.generation.prompting import Prompting
from search.offline.cards import pipeline_card
from search.offline.export import export_pipeline, find_pipeline, refuse_another_pipeline
from search.offline.pipeline import MeasuredScore, Pipeline
from search.recipes.recipe import Recipe
from tests.search_tests.eng2lean import TASK

DEMO = Demo(("def f(x): return x", "Same."), ("The same x.", "def f (x : Int) : Int := x"))


RECIPE = Recipe("Translate to Lean.", (DEMO,), 0.3, 2, "faithful")


def pipeline(**fields: object) -> Pipeline:
    whole = {
        "name": "small",
        "seed": 0,
        "recipe": RECIPE,
        "generator": GeneratorSettings(model="embedded:generator"),
        "generator_fingerprint": "g" * 64,
        "prompting": Prompting.of("embedded:generator", RECIPE, TASK),
        "student": "embedded:student-a",
        "student_fingerprint": "s" * 64,
        "checker": "4.28.0-pre",
        "provenance": {"contexts": "c" * 64},
        "scores": (
            MeasuredScore(
                label="best recipe, sealed problems",
                score=Score(0.5, 0.0158, 1000, 0.469, 0.531),
            ),
        ),
    }
    return Pipeline(**{**whole, **fields})


def test_a_pipeline_comes_back_as_it_was_saved(tmp_path):
    folder = export_pipeline(pipeline(), folder=tmp_path / "small")
    loaded = Pipeline.load(folder)
    assert loaded.recipe == pipeline().recipe
    assert loaded.scores == pipeline().scores
    assert loaded.hash == pipeline().hash
    assert loaded.files.keys() == {"program.json"}


def test_an_export_is_text_only_and_the_same_twice(tmp_path):
    first = export_pipeline(pipeline(), folder=tmp_path / "first")
    again = export_pipeline(Pipeline.load(first), folder=tmp_path / "again")
    assert sorted(path.name for path in first.iterdir()) == [
        "README.md",
        "pipeline.json",
        "program.json",
    ]
    for path in first.iterdir():
        assert path.read_text(encoding="utf-8") == (again / path.name).read_text(encoding="utf-8")


def test_plain_dspy_loads_the_program_the_card_shows(tmp_path):
    import dspy

    folder = export_pipeline(pipeline(), folder=tmp_path / "small")
    card = (folder / "README.md").read_text(encoding="utf-8")
    code = card.split("```python\n")[1].split("```")[0]
    code = code.replace('"program.json"', repr(str(folder / "program.json")))
    names: dict[str, object] = {}
    exec(code, names)
    generator = names["generator"]
    assert isinstance(generator, dspy.Module)
    assert generator.write.signature.instructions == "Translate to Lean."
    assert [demo["lean"] for demo in generator.write.demos] == [DEMO.outputs[1]]


def test_the_card_states_the_scores_with_error_and_n(tmp_path):
    folder = export_pipeline(pipeline(), folder=tmp_path / "small")
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert ("| best recipe, sealed problems | 50.0 % | 1.6 % | 46.9 % to 53.1 % | 1000 |") in card
    assert pipeline().hash in card
    assert "c" * 64 in card


def test_the_hash_changes_with_the_recipe_and_with_what_it_came_from():
    hashes = {
        pipeline().hash,
        pipeline(recipe=Recipe("Translate.")).hash,
        pipeline(provenance={"contexts": "d" * 64}).hash,
        pipeline(generator_fingerprint="h" * 64).hash,
    }
    assert len(hashes) == 4


def test_an_edited_program_is_refused(tmp_path):
    folder = export_pipeline(pipeline(), folder=tmp_path)
    program = folder / "program.json"
    program.write_text(program.read_text().replace("Translate", "Transcribe"))
    with pytest.raises(PipelineError, match=r"program\.json is not the file that was exported"):
        Pipeline.load(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda values: {**values, "schema_version": 2}, "has schema_version 2, this .* reads 1"),
        (lambda values: {**values, "note": ""}, "`note`: Extra inputs are not permitted"),
        (
            lambda values: {k: v for k, v in values.items() if k != "seed"},
            "`seed`: Field required",
        ),
        (lambda values: [values], "has schema_version None"),
    ],
)
def test_a_pipeline_of_another_form_says_what_is_wrong(tmp_path, change, says):
    folder = export_pipeline(pipeline(), folder=tmp_path)
    path = folder / "pipeline.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(PipelineError, match=says) as refused:
        Pipeline.load(folder)
    assert "\n" not in str(refused.value)


def test_a_folder_without_a_manifest_is_no_pipeline(tmp_path):
    with pytest.raises(PipelineError, match="is no pipeline"):
        Pipeline.load(tmp_path)
    (tmp_path / "pipeline.json").write_text('{"schema')
    with pytest.raises(PipelineError, match="is not JSON"):
        Pipeline.load(tmp_path)


def test_a_run_is_found_by_folder_by_study_name_and_by_pipeline_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export_pipeline(pipeline(), folder=Path("runs/small/pipeline"))
    for run in ("runs/small", "small", "runs/small/pipeline"):
        assert find_pipeline(run).hash == pipeline().hash


def test_a_run_that_has_not_ended_and_no_run_at_all_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs/small").mkdir(parents=True)
    for run in ("runs/small", "small"):
        with pytest.raises(PipelineError, match=r"has not ended; go on with .* --resume"):
            find_pipeline(run)
    with pytest.raises(PipelineError, match="tiny is no run folder, no study under runs/"):
        find_pipeline("tiny")


def test_another_pipeline_is_never_written_over(tmp_path):
    refuse_another_pipeline(pipeline(), tmp_path / "new")
    export_pipeline(pipeline(), folder=tmp_path / "small")
    refuse_another_pipeline(pipeline(), tmp_path / "small")
    with pytest.raises(PipelineError, match="holds something else; give another --out"):
        refuse_another_pipeline(pipeline(seed=1), tmp_path / "small")
    with pytest.raises(PipelineError, match="holds something else"):
        refuse_another_pipeline(pipeline(), tmp_path)


def test_the_card_says_what_must_be_known_beside_the_scores_and_old_hashes_stay():
    remark = "this study has opened the sealed problems 2 times, for another winner"
    told = pipeline(remarks=(remark,))

    assert f"**Note:** {remark}" in pipeline_card(told)
    assert "**Note:**" not in pipeline_card(pipeline())
    assert "remarks" not in pipeline().model_dump(mode="json")
    assert told.hash != pipeline().hash
