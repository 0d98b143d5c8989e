"""A whole search, its report, its pipeline and a data set, about a task that knows no Lean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluators.tasks import task_named
from search.console import Console
from search.driver.plan import Search
from search.driver.search import run_search
from search.generation.program import ChatAdapter, GeneratorProgram, PlainAdapter
from search.generation.prompting import named
from search.materials.contexts import load_contexts
from search.offline.generate import DatasetJob, generate_dataset
from search.offline.pipeline import Pipeline
from search.recipes.recipe import Recipe
from search.report.page import report_html
from search.report.run_view import RunView, view_run
from search.report.terminal import report_text
from search.report.why import explain, lost_problems
from search.report.why_text import explanation_lines
from search.settings.file import load_study
from tests.contracts.shouting import SHOUTING, Crowd, Ear, shouting_parts

WORDS = ("cat", "dog", "owl", "fox", "bee", "cow", "hen", "rat")
STUDY = """\
name: shouts
seed: 3
task: tests.contracts.shouting:SHOUTING
generator: {{model: embedded:generator}}
contexts: {{path: {contexts}}}
problems: {{search: {search}, sealed: {sealed}}}
recipe:
  base: Say the word.
  clauses: {{volume: ["", "Be loud."]}}
  demo_sets: {{none: [], one: [d]}}
  demos: {demos}
  filter: [none, compiles, faithful]
baseline: {{filter: none}}
training: {{min_examples: 1}}
search: {{trials: 4, concurrent_trials: 1, startup_trials: 4, sampler: random}}
"""


def _rows(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shouts")
    told = [{"id": f"c{word}", "word": word, "about": f"the animal {word}"} for word in WORDS]
    asked = [
        {"id": f"{kind}{n}", "asked": f"shout number {n} of the {kind}", "answer": f"{kind} {n}!"}
        for kind in ("search", "sealed")
        for n in range(12)
    ]
    demo = {"id": "d", "word": "ant", "about": "an insect", "remark": "small", "shout": "ANT"}
    text = STUDY.format(
        contexts=_rows(folder / "contexts.jsonl", told),
        search=_rows(folder / "search.jsonl", asked[:12]),
        sealed=_rows(folder / "sealed.jsonl", asked[12:]),
        demos=_rows(folder / "demos.jsonl", [demo]),
    )
    study = folder / "study.yaml"
    study.write_text(text, encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def run(study_file: Path) -> Path:
    """The run folder of a search that has ended."""
    folder = study_file.parent / "run"
    run_search(
        Search(
            settings=load_study(study_file),
            study_text=study_file.read_text(encoding="utf-8"),
            run_dir=folder,
            parts=shouting_parts(),
        ),
        console=Console(),
    )
    return folder


@pytest.fixture(scope="module")
def view(run: Path) -> RunView:
    return view_run(run)


def test_the_search_finds_the_recipe_that_shouts(view: RunView) -> None:
    scores = {
        str(record.parameters["clause.volume"]): record.outcome.score.value
        for record in view.records
        if record.outcome is not None
    }
    assert scores.get("Be loud.", 0) > scores.get("", 0)
    assert view.task is SHOUTING


def test_the_report_calls_everything_by_the_names_of_the_task(view: RunView) -> None:
    page = report_html(view)
    assert "the shout" in page
    assert "Lean" not in page.replace("Outerloop", "")
    assert any("Nobody heard it." in str(part) for part in report_text(view)) or "quiet" in page


def test_a_lost_problem_leads_to_the_rows(view: RunView) -> None:
    lost = lost_problems(view, trial=None)
    text = "\n".join(explanation_lines(explain(view, lost[0].id, trial=None, rows=2), view.task))
    assert "by crowd" in text
    assert "the word" in text


def test_the_pipeline_writes_a_data_set_of_the_task(run: Path, tmp_path: Path) -> None:
    pipeline = Pipeline.load(run / "pipeline")
    card = (run / "pipeline" / "README.md").read_text(encoding="utf-8")
    assert "shout: str = dspy.OutputField()" in card
    task = task_named(pipeline.task)
    contexts = load_contexts(str(run.parent / "contexts.jsonl"), task)
    pipeline = pipeline.model_copy(update={"generator_fingerprint": Crowd.fingerprint})
    job = DatasetJob(pipeline, contexts, tmp_path / "data")
    counts = generate_dataset(job, generator=Crowd(), checker=Ear(), progress=lambda done: None)
    rows = [
        json.loads(line)
        for line in (tmp_path / "data" / "data.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert counts.accepted == len(rows)
    assert {"remark", "shout", "prompt", "completion", "checker"} <= set(rows[0])
    assert "an ear" in (tmp_path / "data" / "README.md").read_text(encoding="utf-8")


def test_the_form_makes_the_program_and_both_ways_to_ask(tmp_path: Path) -> None:
    program = GeneratorProgram.from_recipe(Recipe("Say it."), SHOUTING.form)
    inputs = named(SHOUTING.form.inputs, ("cat", "an animal"))
    asked = PlainAdapter(SHOUTING).format(program.write.signature, [], inputs)
    assert [message["content"] for message in asked] == ["Say it.", "cat - an animal"]
    chat = ChatAdapter(SHOUTING).format(program.write.signature, [], inputs)
    assert "[[ ## word ## ]]" in chat[-1]["content"]
    read = PlainAdapter(SHOUTING).parse(program.write.signature, "a pet | CAT")
    assert read == {"remark": "a pet", "shout": "CAT"}
