"""`outerloop evaluate` as a person runs it, with a student and a Lean that are fakes."""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from engines.named_models import resolve
from evaluators.errors import EvaluationError
from search.cli import main
from search.trial.chosen_lean import open_lean
from tests.evaluators_tests.fakes import RuleSandbox
from tests.lean_sandbox_tests.served import PoolOf, serving
from trainers.adapter_folder import weights_hash

ANSWERS = [" x + x", " x * x", " x ?", "", " x + x\n\nprose", "Sorry!"]


class SeededStudent:
    """Answers by the prompt's place in the whole list, as a real student's seeds do."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.dies_at: int | None = None

    def complete(
        self, prompts, *, max_new_tokens, temperature=0.0, seed=0, batch_size=64, first_row=0
    ):
        places = range(first_row, first_row + len(prompts))
        if self.dies_at is not None and self.dies_at in places:
            raise EvaluationError("the student died")
        self.prompts += prompts
        return [ANSWERS[(place + seed) % len(ANSWERS)] for place in places]


class Machines:
    """The fakes, and how often the real ones would have been started."""

    def __init__(self) -> None:
        self.student = SeededStudent()
        self.lean = RuleSandbox()
        self.loaded: list[dict] = []

    def load(self, **options):
        self.loaded.append(options)
        return self.student

    @contextmanager
    def lean_of(self, *_, **__):
        yield self.lean


@pytest.fixture
def machines(monkeypatch):
    made = Machines()
    monkeypatch.setattr("search.evaluate.run.StudentModel.load", made.load)
    monkeypatch.setattr("search.evaluate.run.open_lean", made.lean_of)
    return made


@pytest.fixture
def outerloop(tmp_path, monkeypatch, capsys, machines):
    """Runs a command line in an empty folder; gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["outerloop", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def row(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "docstring": f"Twice x, in the words of person {number}.",
        "signature": "def f (x : Int) : Int",
        "tests": ["f 3 = 6"],
        "reference": "def f (x : Int) : Int := x + x",
        **fields,
    }


def write(name: str, *rows: object) -> None:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


ASK = "evaluate --student embedded:student-a --benchmark rows.jsonl --run-dir runs/it"


def records(folder: str = "runs/it") -> list[dict]:
    lines = Path(folder, "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_stages_are_printed_with_intervals_and_every_problem_is_recorded(outerloop):
    write("rows.jsonl", *map(row, range(6)))

    code, said, err = outerloop(ASK)

    assert code == 0
    lines = said.splitlines()
    assert lines[0] == "run folder  runs/it"
    assert lines[-2] == "written     runs/it/report.md, runs/it/records.jsonl"
    assert lines[-1] == "next        outerloop report runs/it"
    # of six answers two pass, one fails its test, one is undecided, two do not parse
    cells = {line.split()[0]: line.split() for line in lines if "(n = " in line}
    assert cells["behaviour"][1] == "33.3%"
    assert cells["parsed"][1] == "66.7%"
    assert "score       33.3 % [9.7, 70.0] (n = 6)" in said
    assert "6 of 6 problems, 2 passed" in err
    assert [one["record"]["passed"] for one in records()] == [
        True, False, False, False, True, False,
    ]  # fmt: skip
    assert records()[0]["asked"]["docstring"] == "Twice x, in the words of person 0."
    summary = json.loads(Path("runs/it/summary.json").read_text())
    assert summary["score"]["n"] == 6
    assert [stage["undecided"] for stage in summary["stages"]] == [0, 0, 0, 1]
    assert "### p1: test_failed" in Path("runs/it/report.md").read_text()


def test_the_manifest_hashes_everything_and_a_changed_record_is_noticed(outerloop):
    write("rows.jsonl", *map(row, range(3)))
    outerloop(ASK)
    manifest = json.loads(Path("runs/it/manifest.json").read_text())
    assert set(manifest["files"]) == {"job.json", "records.jsonl", "summary.json", "report.md"}
    path = Path("runs/it/records.jsonl")
    assert manifest["files"]["records.jsonl"] == hashlib.sha256(path.read_bytes()).hexdigest()

    path.write_text(path.read_text().replace('"passed": false', '"passed": true'))
    code, _, err = outerloop(ASK)
    assert code == 1
    assert "is not what the manifest says" in err


def test_a_killed_evaluation_goes_on_and_ends_like_an_uninterrupted_one(outerloop, machines):
    write("rows.jsonl", *map(row, range(9)))
    outerloop(ASK.replace("runs/it", "runs/whole"))
    machines.student.dies_at = 5
    code, _, err = outerloop(f"{ASK} --batch-size 2")
    assert (code, err.strip()) == (1, "outerloop: the student died")
    path = Path("runs/it/records.jsonl")
    path.write_bytes(path.read_bytes()[:-20])  # the kill came in the middle of a line
    machines.student.dies_at = None

    code, _, err = outerloop(ASK)
    assert code == 1
    assert "holds an unfinished evaluation; go on with --resume" in err

    machines.student.prompts.clear()
    code, said, _ = outerloop(f"{ASK} --resume --batch-size 4")
    assert code == 0
    assert len(machines.student.prompts) == 6  # three whole records were kept
    assert records() == records("runs/whole")

    code, again, _ = outerloop(ASK)
    assert code == 0
    assert "finished    already" in again
    assert [line for line in again.splitlines() if "(n = " in line] == [
        line for line in said.splitlines() if "(n = " in line
    ]


def test_the_mark_of_an_opening_stays(outerloop):
    write("rows.jsonl", *map(row, range(3)))
    _, first, _ = outerloop(ASK)
    _, again, _ = outerloop(ASK)
    assert "note" not in first + again  # the same evaluation opens nothing anew
    _, other, _ = outerloop(ASK.replace("runs/it", "runs/seed") + " --seed 1")
    assert "these problems have now been opened for 2 different evaluations" in other
    with Path("runs/openings.jsonl").open("a") as register:
        register.write("{torn")
    _, third, _ = outerloop(ASK.replace("runs/it", "runs/more") + " --seed 2")
    assert "opened for 4 different evaluations" in third  # a torn line counts as one


def test_several_attempts_give_pass_at_k(outerloop):
    write("rows.jsonl", *map(row, range(6)))
    code, said, _ = outerloop(f"{ASK} --attempts 3 --temperature 0.8")
    assert code == 0
    assert "pass@1" in said
    assert "pass@3" in said
    assert len(records()[0]["record"]["further"]) == 2


def test_rows_left_out_are_named_and_references_checked(outerloop):
    write("rows.jsonl", row(0), "{torn", row(1, docstring=None), row(2, reference="def f := y"))
    code, said, _ = outerloop(ASK)
    assert code == 0
    assert "benchmark   1 problem of 4 rows from rows.jsonl" in said
    assert "line 2: broken_json" in said
    assert "line 3 (p1): missing_field: no `docstring`" in said
    assert "line 4 (p2): reference_refused" in said
    assert json.loads(Path("runs/it/job.json").read_text())["notes"]["left out"] == {
        "broken_json": 1,
        "missing_field": 1,
        "reference_refused": 1,
    }


def test_a_copy_in_what_was_learnt_stops_and_prints_the_pair(outerloop, machines):
    write("rows.jsonl", *map(row, range(3)))
    write("learnt.jsonl", {"id": "c1", "docstring": "twice X in the words of person 1"})
    code, _, err = outerloop(f"{ASK} --learnt-from learnt.jsonl")
    assert code == 1
    assert "learnt row c1 and problem p1: docstring" in err
    assert machines.loaded == []
    assert not Path("runs").exists()


def test_likely_leaks_are_listed_and_stop_only_when_told_to(outerloop):
    words = "Find the surface area of a cube."
    cube = row(1, docstring=f"{words} It has six faces.", signature="def cubeArea (x : Int) : Int")
    write("rows.jsonl", cube, *map(row, range(2, 6)))
    write("learnt.jsonl", {"id": "c1", "docstring": words, "name": "cube_area"})
    code, said, _ = outerloop(f"{ASK} --learnt-from learnt.jsonl")
    assert code == 0
    assert "no copies; 1 likely pair, on 1 problem" in said
    code, _, err = outerloop(f"{ASK} --learnt-from learnt.jsonl --leaks likely")
    assert code == 1
    assert "learnt row c1 and problem p1: name 'cube_area'" in err


def test_a_dry_run_counts_estimates_and_writes_nothing(outerloop, machines):
    write("rows.jsonl", *map(row, range(20)))
    code, said, _ = outerloop(f"{ASK} --dry-run --limit 12")
    assert code == 0
    assert "asked       12 problems, 1 attempt each: 12 answers" in said
    assert "leaks       not looked for" in said
    assert "estimate    " in said
    assert machines.lean.requests == []
    assert not Path("runs").exists()


def test_embedded_problems_are_read_by_name(outerloop):
    code, said, _ = outerloop(
        "evaluate --student embedded:student-b --benchmark embedded:search_problems --limit 3"
    )
    assert code == 0
    assert "3 problems of 3 rows from embedded:search_problems" in said
    (folder,) = Path("runs").glob("evaluate-student-b-search_problems-*")
    assert len(records(str(folder))) == 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--student ./nowhere", "student ./nowhere: no such folder"),
        ("--student embedded:z", "no `embedded:z`"),
        ("--adapter nowhere", "--adapter nowhere: no such folder"),
        ("--adapter empty", "empty is no finished adapter"),
        ("--benchmark absent.jsonl", "absent.jsonl: No such file"),
        ("--benchmark embedded:zzz", "no `embedded:zzz`"),
        ("--benchmark hf:org/name@main", "give the commit, 40 hexadecimal digits"),
        ("--form verina", "is a problem of the form verina"),
        ("--sha256 beef", "another version than the one asked for"),
        ("--attempts 3", "attempts = 3 at temperature 0 are 3 times the same answer"),
        ("--learnt-from absent.jsonl", "absent.jsonl: no such file"),
        ("--learnt-from nothing.jsonl", "nothing.jsonl:1: no `docstring` and no `lean`"),
        ("--run-dir full", "full holds something else; give another --run-dir"),
        ("--project p --lean-server http://h", "--lean-server: --project is one Lean; keep one"),
        ("--lean-key-env K", "--lean-key-env: is for a server; name it in --lean-server, or"),
        ("--project nowhere", "nowhere has no lakefile.toml or lakefile.lean"),
    ],
)
def test_a_mistake_is_one_line_and_starts_nothing(outerloop, machines, options, says):
    write("rows.jsonl", *map(row, range(2)))
    write("nothing.jsonl", {"id": "x"})
    for folder in ("empty", "full"):
        Path(folder).mkdir()
    write("full/thesis.txt", "years of work")
    code, _, err = outerloop(f"{ASK} {options}")
    assert code == 1
    assert err.count("\n") == 1
    assert says in err
    assert machines.loaded == []


def test_a_running_server_may_judge_and_another_one_is_another_evaluation(
    outerloop, machines, monkeypatch
):
    monkeypatch.setattr("search.evaluate.run.open_lean", open_lean)
    write("rows.jsonl", *map(row, range(6)))
    for lean in ("a", "b"):
        with serving(PoolOf(machines.lean, checked_by=lean * 64)) as url:
            code, said, err = outerloop(f"{ASK} --lean-server {url}")
        if lean == "a":
            assert code == 0
            assert "score       33.3 % [9.7, 70.0] (n = 6)" in said
    assert code == 1
    assert "holds another evaluation (other lean)" in err


def test_another_evaluation_in_the_folder_is_refused_with_what_differs(outerloop):
    write("rows.jsonl", *map(row, range(2)))
    outerloop(ASK)
    code, _, err = outerloop(f"{ASK} --seed 5")
    assert code == 1
    assert "holds another evaluation (other seed); give another --run-dir" in err


def test_without_a_student_or_adapter_the_message_says_what_to_give(outerloop):
    write("rows.jsonl", row(0))
    code, _, err = outerloop("evaluate --benchmark rows.jsonl")
    assert code == 1
    assert "no student; give --student embedded:student-a" in err


def test_an_adapter_names_its_student_and_refuses_another(outerloop, machines, tmp_path):
    write("rows.jsonl", row(0))
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    fields = {
        "kind": "lora",
        "student": str(resolve("embedded:student-a")),
        "sha256": weights_hash(folder),
        "steps": 1,
        "tokens": 1,
        "final_loss": 1.0,
        "seconds": 1.0,
    }
    write("adapter/adapter.json", fields)
    code, _, _ = outerloop("evaluate --adapter adapter --benchmark rows.jsonl --run-dir runs/it")
    assert code == 0
    assert machines.loaded[0]["adapter"].path == Path("adapter")
    code, _, err = outerloop(
        "evaluate --adapter adapter --student embedded:student-b --benchmark rows.jsonl"
    )
    assert code == 1
    assert "was trained from" in err
    assert "leave --student out" in err
    assert len(machines.loaded) == 1
