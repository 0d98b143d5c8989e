"""An endpoint repeats the key in whatever it answers; no file and no line of a study does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.study.records import State, read_records
from tests.search_tests.chat_server import Served, reply_to
from tests.search_tests.leaky_server import KEY, LEAKS, Leak, good_reply, is_in, leaky_server
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
KEYS = {"GENERATOR_KEY": KEY, "JUDGE_KEY": KEY[::-1], "WRITER_KEY": KEY.swapcase()}
ENDPOINT = "{{model: hosted_vllm/{name}, api_base: '{address}', api_key_env: {key}, retries: 0}}"


def choose(request: dict[str, object], number: int) -> Leak:
    """Every shape in turn; a careful generator gets what it asked for, key and all."""
    text = json.dumps(request["messages"])
    name = re.search(r"def (double\d+)\(x\)", text)
    if request["model"] == "generator" and "Be careful." in text and name:
        return Leak(200, lambda key: json.dumps(reply_to(Served(good_reply(name[1], key)))))
    shapes = [leak for leak in LEAKS.values() if leak.status != 429]  # which stops a study
    return shapes[number % len(shapes)]


def write_study(folder: Path, address: str) -> None:
    study = write_small_study(folder, trials=4)
    text = study.read_text(encoding="utf-8")
    models = {
        name: ENDPOINT.format(name=name, address=address, key=f"{name.upper()}_KEY")
        for name in ("generator", "judge", "writer")
    }
    text = text.replace("{model: local/fake}", models["generator"])
    text = text.replace("  temperature: {low", "  growing: [addition]\n  temperature: {low", 1)
    text = text.replace("baseline:\n", "baseline:\n  clauses: {care: Be careful.}\n", 1)
    text = text.replace("  startup_trials: 2\n", "  startup_trials: 9\n  max_failed_trials: 40\n")
    text += f"judge: {{lm: {models['judge']}, rows: 5}}\n"
    text += f"proposals: {{lm: {models['writer']}, at_start: 1, trials_per_arm: 1}}\n"
    study.write_text(text, encoding="utf-8")


@pytest.fixture
def session() -> Iterator[Path]:
    """Where Ray writes; its sockets allow no long path."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.timeout(600)  # a search with a Ray of its own
def test_no_file_and_no_line_of_a_study_holds_a_key_that_its_endpoint_repeats(
    tmp_path: Path, session: Path
) -> None:
    environment = {**os.environ, **{name: f"{key}\r\n" for name, key in KEYS.items()}}
    environment["RAY_TMPDIR"] = str(session)
    with leaky_server(choose) as address:
        write_study(tmp_path, address)
        said = run([sys.executable, "-m", "tests.end_to_end_tests.drive_leaky_study",
                    str(tmp_path)], environment)  # fmt: skip
    for command in (["report", "run"], ["export", "run", "--out", "exported"]):
        call = "from search.cli import main; main()"
        said += run([sys.executable, "-c", call, *command], environment, cwd=tmp_path)

    states = Counter(one.state for one in read_records(tmp_path / "run" / "study.db", "small"))
    assert states[State.COMPLETE] >= 1, said  # so that replies went all the way
    assert states[State.FAILED] >= 1, said  # and errors too
    assert "‹secret›" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    files = [path for top in (tmp_path, session) for path in top.rglob("*") if path.is_file()]
    assert any("worker" in path.name for path in files)
    for key in KEYS.values():
        assert not is_in(said.encode(), key)
        for path in files:
            assert not is_in(path.read_bytes(), key), path


def run(command: list[str], environment: dict[str, str], *, cwd: Path = ROOT) -> str:
    """What a command prints, to the terminal and beside it."""
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    return f"{ended.stdout}\n[{ended.returncode}]\n"
