from __future__ import annotations

import dataclasses
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from search import cli
from search.console import Console
from search.driver.dry_run import dry_run_lines
from search.driver.plan import Search
from search.driver.search import run_search
from search.driver.winner import best_record
from search.errors import NoTrialFinished, StudyChanged, StudyExists, StudyNotFound
from search.settings.file import load_study
from search.settings.study import flat_settings
from search.study.records import State, TrialRecord
from search.study.study import SearchStudy
from tests.search_tests.fakes import fake_parts
from tests.search_tests.small_study import write_small_study


def run_cli(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["outerloop", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_help_begins_with_something_to_paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["search"], ["dashboard"]):
        _, out, _ = run_cli([*arguments, "--help"], monkeypatch, capsys)
        first = [line.strip() for line in out.splitlines() if line.strip()][1]
        assert first.startswith("outerloop ")


def test_help_imports_neither_torch_nor_ray_nor_mlflow() -> None:
    code = (
        "import sys; sys.argv = ['outerloop', '--help']\n"
        "from search.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'ray', 'mlflow', 'dspy', 'optuna'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def broken(folder: Path, find: str, put: str) -> Path:
    study = write_small_study(folder)
    text = study.read_text(encoding="utf-8")
    assert find in text
    study.write_text(text.replace(find, put), encoding="utf-8")
    return study


@pytest.mark.parametrize(
    ("find", "put", "expected"),
    [
        ("max_steps: 2", "max_step: 2", r"study.yaml:\d+: training.max_step: .*`max_steps`"),
        ("max_steps: 2", "max_steps: 2 h", r"study.yaml:\d+: training.max_steps: must be a whole"),
        ("contexts.jsonl", "absent.jsonl", r"absent.jsonl: no such file"),
        (
            "search.jsonl",
            "sealed.jsonl",
            r"search problem sealed-20 and problem sealed-20",
        ),
        ("student: fake-student", "student: ./nowhere", r"student ./nowhere: no such folder"),
        ("student: fake-student", "student: embedded:z", r"student embedded:z: no `embedded:z`"),
        ("/contexts.jsonl", "/study.yaml", r"study.yaml:1: not JSONL"),
    ],
)
def test_a_wrong_study_is_one_line_and_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    find: str,
    put: str,
    expected: str,
) -> None:
    study = broken(tmp_path, find, put)

    code, _, err = run_cli(
        ["search", str(study), "--run-dir", str(tmp_path / "run")], monkeypatch, capsys
    )

    assert code == 1
    assert re.search(expected, err)
    assert err.startswith("outerloop: ")
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_study_of_that_name_with_another_space_is_refused_before_anything_starts(
    tmp_path: Path,
) -> None:
    study = write_small_study(tmp_path)
    before = load_study(study)
    (tmp_path / "run").mkdir()
    SearchStudy(
        tmp_path / "run" / "study.db",
        name="small",
        space={},
        sampler="tpe",
        startup_trials=1,
        seed=0,
    ).describe(flat_settings(before), may_change=frozenset())
    text = study.read_text(encoding="utf-8").replace('"Be quick."', '"Be quicker."')
    study.write_text(text, encoding="utf-8")
    search = Search(load_study(study), text, tmp_path / "run", resume=True, parts=fake_parts())

    with pytest.raises(StudyChanged, match=r"made with recipe\.clauses\.care = .*Be quick\."):
        run_search(search, console=Console(quiet=True))
    assert not (tmp_path / "run" / "study.yaml").exists()


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path: Path) -> None:
    study = write_small_study(tmp_path, trials=5)
    before = sorted(tmp_path.iterdir())
    search = Search(load_study(study), "", tmp_path / "run", parts=fake_parts())

    lines = dry_run_lines(search)

    assert "contexts    12 from" in "\n".join(lines)
    assert "baseline    Translate the Python function to Lean 4." in lines
    assert sorted(tmp_path.iterdir()) == before


def begun(folder: Path) -> Search:
    """A study that was begun from a file in `folder`."""
    study = write_small_study(folder)
    settings = load_study(study)
    (folder / "run").mkdir()
    SearchStudy(
        folder / "run" / "study.db",
        name="small",
        space={},
        sampler="tpe",
        startup_trials=1,
        seed=0,
    ).describe(flat_settings(settings), may_change=frozenset())
    return Search(settings, "", folder / "run", parts=fake_parts())


def test_a_dry_run_says_what_changed_since_the_study_was_begun(tmp_path: Path) -> None:
    search = begun(tmp_path)
    more = search.settings.search.model_copy(update={"trials": 9})
    search = dataclasses.replace(
        search, settings=search.settings.model_copy(update={"search": more})
    )

    lines = dry_run_lines(search)

    assert lines[1].endswith("run (holds this study; --resume goes on with it)")
    assert lines[2] == "changed     search.trials 5 → 9; earlier scores stay valid"


def test_a_dry_run_refuses_what_a_resumed_search_would_refuse(tmp_path: Path) -> None:
    search = begun(tmp_path)
    other = dataclasses.replace(search, settings=search.settings.model_copy(update={"seed": 1}))
    named = search.settings.model_copy(update={"name": "another"})

    with pytest.raises(StudyChanged, match=r"made with seed = 0, the study file says 1"):
        dry_run_lines(other)
    with pytest.raises(StudyExists, match=r"holds the study `small`.* is named `another`"):
        dry_run_lines(dataclasses.replace(search, settings=named))


def test_a_dry_run_on_a_study_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    search = begun(tmp_path)
    (tmp_path / "run" / "study.db").write_bytes(b"no study")

    with pytest.raises(StudyNotFound, match=r"no study that can be read; it is damaged"):
        dry_run_lines(search)


def test_a_taken_port_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.db").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run_cli(
            ["dashboard", str(tmp_path), "--port", str(port)], monkeypatch, capsys
        )

    assert code == 1
    assert f"port {port} on 127.0.0.1 is taken" in err
    assert f"choose another with --port {port + 1}" in err


def test_a_dashboard_of_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run_cli(["dashboard", str(tmp_path / "x")], monkeypatch, capsys)

    assert code == 1
    assert "no study there; run `outerloop search` first" in err


def test_when_all_trials_failed_the_reason_is_given_once() -> None:
    failed = [
        TrialRecord(number, State.FAILED, {}, None, "check: Lean is gone", ())
        for number in range(500)
    ]

    with pytest.raises(NoTrialFinished) as caught:
        best_record(failed)

    assert str(caught.value) == (
        "none of 500 trials ended with a score; 500 times: check: Lean is gone; mend that, raise "
        "search.max_failed_trials and run again with --resume"
    )


def test_addresses_and_key_names_of_endpoints_are_logged_nowhere(tmp_path: Path) -> None:
    settings = load_study(write_small_study(tmp_path))

    assert not [name for name in flat_settings(settings) if "api" in name]
    assert flat_settings(settings)["search.trials"] == 5


SLEEPER = """
import sys, time, types
module = types.ModuleType("search.commands.{name}")
def {name}(word: str = "") -> None:
    "Sleep."
    print("· asleep", flush=True)
    time.sleep(120)
module.{name} = {name}
sys.modules[module.__name__] = module
sys.argv = ["outerloop", "{name}"]
from search.cli import main
main()
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("search", "outerloop: stopped; the same command with --resume goes on\n"),
        ("report", "outerloop: stopped\n"),
    ],
)
def test_a_stopped_command_says_in_one_line_how_to_go_on_where_it_can(
    ending: signal.Signals, command: str, said: str
) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    sleeper = subprocess.Popen(
        [sys.executable, "-c", SLEEPER.format(name=command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with sleeper:
        assert sleeper.stdout is not None
        first = sleeper.stdout.readline()
        sleeper.send_signal(ending)
        _, told = sleeper.communicate(timeout=60)

    # what an encoding cannot show is shown as its escape, and ends nothing
    assert first == "\\xb7 asleep\n"
    assert (sleeper.returncode, told) == (130, said)
