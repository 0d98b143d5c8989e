from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import optuna
import pytest
from optuna.artifacts import get_all_artifact_meta
from optuna_dashboard import get_note

from search.recipes.space import OneOf, Real
from search.report.dashboard import only_shown, serve_dashboard
from search.report.importance import REPORTED, importances
from search.report.trial_pages import Attachments, FilesToRead, fenced
from search.study.records import TrialRecord, read_study
from search.study.study import SearchStudy
from tests.search_tests.chromium import dom_of, needs_chromium
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.small_run import HOSTILE, make_run, pages_of

EVIL = "``` <iframe srcdoc='<script>top.document.title=1</script>'></iframe>"
FILES = {"prompt.txt", "rows.jsonl", "problems.jsonl"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(
        tmp_path_factory.mktemp("attached"), trials=2, failed=1, running=1, attached=True
    )


def load(run: Path) -> optuna.Study:
    return optuna.load_study(study_name="small", storage=f"sqlite:///{run / 'study.db'}")


def texts(run: Path, number: int) -> dict[str, str]:
    study = load(run)
    metas = get_all_artifact_meta(study.trials[number], storage=study._storage)
    return {
        one.filename: (run / "artifacts" / one.artifact_id).read_text(encoding="utf-8")
        for one in metas
    }


def note(run: Path, number: int) -> str:
    study = load(run)
    return get_note(optuna.Trial(study, study.trials[number]._trial_id))


def test_a_finished_trial_has_its_note_prompt_rows_and_problems(run: Path) -> None:
    found = texts(run, 0)

    assert set(found) == FILES
    assert found["prompt.txt"] == "Translate the Python function to Lean 4.\n"
    rows = [json.loads(line) for line in found["rows.jsonl"].splitlines()]
    assert {row["reason"] for row in rows} == {"kept"}
    problems = [json.loads(line) for line in found["problems.jsonl"].splitlines()]
    # the fake learner saw no right example, so it passes none of the 20 problems
    assert [problem["passed"] for problem in problems] == ["no"] * 20
    assert "(n = 20)" in note(run, 0)
    assert "12 examples of 12 candidates" in note(run, 0)


def test_a_failed_trial_has_its_reason_and_its_rows(run: Path) -> None:
    assert set(texts(run, 2)) == {"prompt.txt", "rows.jsonl"}
    assert note(run, 2).startswith("**No score.**\n\n```text\nselect: ")


def test_every_file_is_plain_text_so_that_no_browser_runs_it(run: Path) -> None:
    study = load(run)
    metas = [
        meta
        for trial in study.trials
        for meta in get_all_artifact_meta(trial, storage=study._storage)
    ]

    assert {meta.mimetype for meta in metas} == {"text/plain"}
    assert any(HOSTILE[:10] in text for text in texts(run, 0).values())


def test_nothing_that_somebody_wrote_leaves_its_fence_in_a_note() -> None:
    evil = "```\n<iframe srcdoc='<script>1</script>'></iframe>\n````"

    assert fenced(evil) == f"`````text\n{evil}\n`````"


def test_attaching_again_changes_nothing_and_mends_a_file_that_a_kill_left_out(
    tmp_path: Path,
) -> None:
    run = make_run(tmp_path, trials=0, running=1)
    study = load(run)
    trial = optuna.Trial(study, study.trials[0]._trial_id)
    record = _record_of_the_baseline(tmp_path)
    attachments = Attachments(run / "artifacts", pages_of(tmp_path / "other" / "run"))

    attachments.attach(trial, record)
    first = {path.name for path in (run / "artifacts").iterdir()}
    before = texts(run, 0)
    next((run / "artifacts").iterdir()).unlink()
    attachments.attach(trial, record)

    assert {path.name for path in (run / "artifacts").iterdir()} == first
    assert texts(run, 0) == before
    assert set(before) == FILES


def test_a_trial_without_a_place_for_its_files_keeps_its_score(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "artifacts").write_text("a file where the folder should be")

    run = make_run(tmp_path, trials=1, attached=True)

    assert load(run).trials[0].state is optuna.trial.TrialState.COMPLETE


@pytest.fixture(scope="module")
def dashboard(run: Path) -> str:
    """The dashboard on the run, in a thread that ends with the tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    threading.Thread(
        target=serve_dashboard,
        args=(run / "study.db",),
        kwargs={"files": FilesToRead(run / "artifacts"), "host": "127.0.0.1", "port": port},
        daemon=True,
    ).start()
    return f"http://127.0.0.1:{port}"


def test_the_dashboard_serves_the_note_and_the_files_and_changes_nothing(
    run: Path, dashboard: str
) -> None:
    with httpx.Client(base_url=dashboard, timeout=30) as client:
        trial = _wait(client)["trials"][0]
        served = {
            one["filename"]: client.get(f"/artifacts/1/1/{one['artifact_id']}")
            for one in trial["artifacts"]
        }
        file = f"/api/artifacts/1/1/{trial['artifacts'][0]['artifact_id']}"
        refused = [
            client.request(method, path, json={})
            for method, path in (
                ("DELETE", file),
                ("DELETE", "/api/studies/1"),
                ("POST", "/api/studies"),
                ("POST", "/api/studies/1/rename"),
                ("PUT", "/api/studies/1/note"),
                ("POST", "/api/trials/1/tell"),
                ("POST", "/api/trials/1/user-attrs"),
                ("PUT", "/api/studies/1/1/note"),
                ("POST", "/api/artifacts/1/1"),
            )
        ]

    assert "(n = 20)" in trial["note"]["body"]
    assert {name: answer.text for name, answer in served.items()} == texts(run, 0)
    assert {answer.headers["content-type"] for answer in served.values()} == {"text/plain"}
    assert {answer.status_code for answer in refused} == {403}
    assert all(
        answer.json()["reason"].startswith("this dashboard only shows") for answer in refused
    )
    assert len(load(run).trials) == 4


def test_the_dashboard_names_the_score_and_shows_people_no_json(dashboard: str) -> None:
    with httpx.Client(base_url=dashboard, timeout=30) as client:
        study = _wait(client)

    attributes = [*study["user_attrs"], *(one for t in study["trials"] for one in t["user_attrs"])]
    assert study["objective_names"] == ["score"]
    assert {one["key"] for one in attributes} >= {"standard_error", "examples", "seconds"}
    assert [one for one in attributes if one["value"].lstrip().startswith(("{", "["))] == []


def test_the_dashboards_importances_are_the_reports(tmp_path: Path) -> None:
    space = {"clause.a": OneOf(("", "x")), "temperature": Real(0.0, 1.0)}
    study = SearchStudy(
        tmp_path / "study.db",
        name="small",
        space=space,
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    for _ in range(12):
        proposal = study.propose()
        passed = 8 if proposal.parameters["clause.a"] else 2
        study.complete(proposal.number, outcome_of(passed), COSTS)
    records = study.records()
    storage = load(tmp_path)._storage
    answers: list[str] = []

    def start(status: str, headers: object) -> None:
        answers.append(status)

    def never(environ: object, start: object) -> list[bytes]:
        raise AssertionError("the dashboard's own importances were asked for")

    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/studies/1/param_importances"}
    body = b"".join(only_shown(never, storage)(asked, start))

    shown = {one["name"]: one["importance"] for one in json.loads(body)["param_importances"][0]}
    assert answers == ["200 OK"]
    assert set(shown) == set(space)
    assert shown == {knob.knob: knob.share for knob in importances(records, seed=REPORTED).knobs}


@needs_chromium
def test_a_browser_shows_a_trials_note_and_files(dashboard: str) -> None:
    with httpx.Client(base_url=dashboard, timeout=30) as client:
        _wait(client)

    dom = dom_of(f"{dashboard}/dashboard/studies/1/trials?numbers=0")

    assert "12 examples of 12 candidates" in dom
    assert {name for name in FILES if name in dom} == FILES


@needs_chromium
def test_a_browser_makes_nothing_of_markup_in_a_note(run: Path, dashboard: str) -> None:
    study = load(run)
    record = replace(read_study(run / "study.db").records[2], error=EVIL)
    trial = optuna.Trial(study, study.trials[3]._trial_id)
    Attachments(run / "artifacts", pages_of(run)).attach(trial, record)
    with httpx.Client(base_url=dashboard, timeout=30) as client:
        _wait(client)

    dom = dom_of(f"{dashboard}/dashboard/studies/1/trials?numbers=3")

    assert "No score." in dom
    assert "srcdoc" in dom
    assert "<iframe" not in dom


def _wait(client: httpx.Client) -> dict[str, list[dict[str, object]]]:
    deadline = time.monotonic() + 60
    while True:
        try:
            return dict(client.get("/api/studies/1?after=0").raise_for_status().json())
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _record_of_the_baseline(tmp_path: Path) -> TrialRecord:
    (tmp_path / "other").mkdir()
    other = make_run(tmp_path / "other", trials=1)
    return read_study(other / "study.db").records[0]
