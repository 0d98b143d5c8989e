"""A study is not gone on with after anything its scores depend on was edited in place."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from engines.file_hashes import file_sha256, remembered_sha256
from engines.named_models import resolve
from evaluators.eng2lean.contexts import Call
from lean_sandbox import toolchain
from search.driver.dry_run import folder_lines
from search.driver.plan import Search
from search.driver.search import open_study, run_search
from search.errors import PipelineError, StudyChanged
from search.materials.gathering import gather
from search.offline.export import refuse_other_sources
from search.offline.pipeline import Pipeline
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.file import load_study
from search.study import made_from as sources
from search.study.made_from import tie
from search.study.study import SearchStudy
from search.sweep.sweep import Sweep, run_sweep
from tests.search_tests.fakes import fake_parts
from tests.search_tests.frozen_run import frozen
from tests.search_tests.small_run import make_run
from tests.search_tests.small_study import write_small_study

MODELS = ("student", "generator", "judge")
DEMO = {"id": "d", "python": "def f(x): return x", "docstring_in": "x.", "docstring": "x.",
        "lean": "def f (x : Int) : Int := x"}  # fmt: skip


def write_study(folder: Path) -> Search:
    """A small study with demos and three local models in folders of their own."""
    study = write_small_study(folder)
    for role in MODELS:
        shutil.copytree(resolve("embedded:student-a"), folder / role)
        (folder / role / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
        (folder / role / "generation_config.json").write_text('{"top_k": 5}', encoding="utf-8")
    (folder / "demos.jsonl").write_text(json.dumps(DEMO) + "\n", encoding="utf-8")
    text = study.read_text(encoding="utf-8")
    for was, now in (
        ("local/fake", f"{folder}/generator"),
        ("student: fake-student", f"student: {folder}/student"),
        (
            "  clauses:",
            f"  demos: {folder}/demos.jsonl\n  demo_sets: {{none: [], one: [d]}}\n  clauses:",
        ),
    ):
        assert was in text
        text = text.replace(was, now)
    text += f"judge: {{lm: {{model: {folder}/judge}}}}\n"
    study.write_text(text, encoding="utf-8")
    return Search(load_study(study), text, folder / "run", resume=True, parts=fake_parts())


def open_once(search: Search) -> list[str]:
    """Begin the study or go on with it, as a search does; what is said of it."""
    folder, said = RunFolder(search.run_dir), list[str]()
    folder.path.mkdir(exist_ok=True)
    home = StudyHome.of(search.settings, folder)
    with ExitStack() as driving:
        materials = gather(search.settings)
        checked_by = search.parts.checked_by(search.settings)
        open_study(home, search.settings, materials, checked_by, say=said.append, driving=driving)
    return said


def edit(path: Path, was: bytes, now: bytes) -> None:
    """Change one byte in place: same size, and the date put back."""
    content, status = path.read_bytes(), path.stat()
    assert len(was) == len(now)
    assert was in content
    path.write_bytes(content.replace(was, now, 1))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


EDITS = {
    "contexts in": ("contexts.jsonl", b"Twice x, context 3", b"Twice y, context 3"),
    "search problems in": ("search.jsonl", b"f 3 = 6", b"f 4 = 8"),
    "sealed problems in": ("sealed.jsonl", b"f 3 = 6", b"f 4 = 8"),
    "demos in": ("demos.jsonl", b"def f (x : Int) : Int := x", b"def f (y : Int) : Int := y"),
    **{
        f"{role} in {{folder}}/{role}/{file}": (f"{role}/{file}", was, now)
        for role in MODELS
        for file, was, now in (
            ("model.safetensors", b"\x00\x00", b"\x00\x01"),
            ("tokenizer.json", b'"a"', b'"b"'),
            ("tokenizer_config.json", b"<|pad|>", b"<|bad|>"),
            ("config.json", b"10000.0", b"10001.0"),
            ("generation_config.json", b"5", b"6"),
            ("chat_template.jinja", b"{", b"("),
        )
    },
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Search:
    search = write_study(tmp_path_factory.mktemp("begun"))
    assert open_once(search) == []
    return search


@pytest.mark.parametrize("named", EDITS)
def test_one_byte_edited_in_place_is_refused_and_named_until_it_is_put_back(
    begun: Search, named: str
) -> None:
    folder = begun.run_dir.parent
    file, was, now = EDITS[named]
    edit(folder / file, was, now)
    try:
        with pytest.raises(StudyChanged) as refused:
            open_once(begun)
        with pytest.raises(StudyChanged) as looked_at:
            folder_lines(begun, gather(begun.settings))
        with pytest.raises(StudyChanged) as searched:
            run_search(begun, console=Console(quiet=True))
    finally:
        edit(folder / file, now, was)
    message = str(refused.value)
    assert named.format(folder=folder) in message
    assert "Put back what changed, or begin a new study" in message
    assert "\n" not in message
    assert str(looked_at.value) == str(searched.value) == message
    assert open_once(begun) == []


def test_a_file_that_came_or_went_is_named(begun: Search) -> None:
    student = begun.run_dir.parent / "student"
    extra, template = student / "added_tokens.json", student / "chat_template.jinja"
    away = template.rename(begun.run_dir.parent / "away")
    extra.write_text("{}", encoding="utf-8")
    try:
        with pytest.raises(StudyChanged) as refused:
            open_once(begun)
    finally:
        away.rename(template)
        extra.unlink()
    assert "added_tokens.json is new (" in str(refused.value)
    assert "chat_template.jinja is gone (was " in str(refused.value)


def test_what_no_score_can_see_is_no_change(begun: Search) -> None:
    folder = begun.run_dir.parent
    (folder / "student" / "README.md").write_text("Mine.", encoding="utf-8")
    (folder / "student" / ".cache").mkdir(exist_ok=True)
    (folder / "student" / ".cache" / "lock").touch()
    with (folder / "contexts.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert open_once(begun) == []


def test_another_lean_server_is_refused(
    begun: Search, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(toolchain._SERVER_SOURCES, tmp_path / "server")
    with (tmp_path / "server" / "main.lean").open("a", encoding="utf-8") as file:
        file.write(" ")
    monkeypatch.setattr(toolchain, "_SERVER_SOURCES", tmp_path / "server")
    with pytest.raises(StudyChanged, match=r"made from other files: Lean [0-9a-f]{12} → "):
        open_once(begun)


def test_another_lean_behind_the_same_setting_is_refused_and_says_what_stays(
    begun: Search,
) -> None:
    other = replace(begun, parts=replace(begun.parts, checked_by=lambda settings: "b" * 64))
    with pytest.raises(StudyChanged, match=r"Lean [0-9a-f]{12} → b{12};") as refused:
        open_once(other)
    assert "(the generator's rows stay valid: read them with --stages-dir" in str(refused.value)
    with pytest.raises(StudyChanged) as looked_at:
        folder_lines(other, gather(other.settings))
    with pytest.raises(StudyChanged) as searched:
        run_search(other, console=Console(quiet=True))
    assert str(looked_at.value) == str(searched.value) == str(refused.value)


def test_values_that_python_gives_otherwise_now_have_another_hash(begun: Search) -> None:
    materials = gather(begun.settings)
    contexts = begun.settings.contexts.model_copy(update={"drawn_inputs": 1})
    drawing = begun.settings.model_copy(update={"contexts": contexts})
    first, *others = materials.contexts
    more = replace(first, calls=(*first.calls, Call((4,), 8)))
    before = sources.sources_of(drawing, materials, checked_by="lean")
    others = replace(materials, contexts=(more, *others))
    now = sources.sources_of(drawing, others, checked_by="lean")
    (changed,) = (name for name in now if now[name] != before[name])
    assert changed == f"drawn inputs in {contexts.path}"


def test_a_pipeline_names_what_its_study_was_made_from(begun: Search) -> None:
    materials = gather(begun.settings)
    student = begun.settings.student
    made_from = sources.sources_of(begun.settings, materials, checked_by="lean")
    assert sources.provenance(made_from, student=student) == materials.hashes


def test_libraries_of_another_version_are_said_once_and_not_refused(
    begun: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = sources.versions()
    monkeypatch.setattr("search.driver.search.versions", lambda: {**now, "torch": "9.9"})
    assert open_once(begun) == [
        f"changed     torch {now['torch']} → 9.9; earlier scores are kept, new ones may "
        "differ by it"
    ]
    assert open_once(begun) == []


def test_a_sweep_looks_at_every_study_even_at_finished_ones(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    sweep = Sweep(
        load_study(study),
        study.read_text(encoding="utf-8"),
        ("one", "two"),
        tmp_path / "sweep",
        resume=True,
        parts=fake_parts(),
    )
    for search in sweep.searches().values():
        search.run_dir.mkdir(parents=True)
        open_once(search)
    edit(tmp_path / "search.jsonl", b"f 3 = 6", b"f 4 = 8")
    with pytest.raises(StudyChanged, match=r"study `small-one` .* search problems in"):
        run_sweep(sweep, console=Console(quiet=True))


def test_a_large_file_is_read_once_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTERLOOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("engines.file_hashes.LARGE", 4)
    read: list[Path] = []

    def counted(path: Path) -> str:
        read.append(path)
        return file_sha256(path)

    monkeypatch.setattr("engines.file_hashes.file_sha256", counted)
    weights = tmp_path / "weights"
    weights.write_bytes(b"12345678")
    young = [remembered_sha256(weights) for _ in range(2)]
    assert len(read) == 2  # changed a moment ago, so its dates say nothing
    monkeypatch.setattr("engines.file_hashes.SETTLED_NANOSECONDS", -(10**18))
    settled = [remembered_sha256(weights) for _ in range(3)]
    assert len(read) == 3
    assert len({*young, *settled}) == 1
    edit(weights, b"1", b"2")
    assert remembered_sha256(weights) == file_sha256(weights) != settled[0]
    (note,) = (tmp_path / "cache" / "hashes").iterdir()
    note.write_text('{"stamp": 1', encoding="utf-8")
    assert remembered_sha256(weights) == file_sha256(weights)


def test_a_pipeline_names_the_hashes_that_its_winner_was_scored_on(tmp_path: Path) -> None:
    run = RunFolder(make_run(tmp_path))
    edit(tmp_path / "contexts.jsonl", b"Twice x, context 3", b"Twice y, context 3")
    pipeline = Pipeline.load(frozen(run))
    # the hashes that the stages of `plan_of` were run with, not those of the files there now
    named = {name: pipeline.provenance[name] for name in ("contexts", "search_problems")}
    assert named == {"contexts": "contexts", "search_problems": "problems"}
    assert pipeline.provenance["student"] == pipeline.student_fingerprint == "student"


@pytest.mark.parametrize("scored_on", ["contexts", "others"])
def test_a_pipeline_of_other_files_than_its_study_was_scored_on_is_not_exported(
    tmp_path: Path, scored_on: str
) -> None:
    run = RunFolder(make_run(tmp_path))
    pipeline = Pipeline.load(frozen(run))
    study = SearchStudy(
        run.path / "study.db", name="small", space={}, sampler="random", startup_trials=1, seed=0
    )
    tie(study, "small", {"contexts in c.jsonl": scored_on, "student": "student"}, {})
    study.close()
    if scored_on == "contexts":
        refuse_other_sources(run.pipeline, pipeline)
    else:
        with pytest.raises(PipelineError, match=r"names contexts contexts, the study .* others;"):
            refuse_other_sources(run.pipeline, pipeline)
