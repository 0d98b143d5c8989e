"""The section on serving says what is true: its lines run, its numbers are the settings'."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lean_sandbox.serving.settings import ServerSettings
from tests.lean_sandbox_tests.served import serving, without_key

PAGE = (Path(__file__).parents[2] / "docs" / "lean_sandbox.md").read_text("utf-8")
SECTION = re.split(r"\n## ", PAGE.partition("\n## Serving\n")[2])[0]
ADDRESS = "http://127.0.0.1:8000"
CURL = [line for line in SECTION.splitlines() if line.startswith("curl ")]


def test_the_section_shows_every_kind_of_route():
    assert len(CURL) == 7


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("line", CURL)
def test_every_curl_line_is_answered(line):
    with serving() as url:
        done = subprocess.run(
            ["sh", "-c", line.replace(ADDRESS, url) + " --fail --silent --show-error"],
            capture_output=True,
            text=True,
            check=False,
            env=without_key(),
        )
    assert done.returncode == 0, done.stderr
    if "/metrics" in line:
        for name in set(re.findall(r"`(outerloop_lean_\w+)`", SECTION)):
            assert f"\n# TYPE {name.removesuffix('_total')}" in "\n" + done.stdout, name
    else:
        assert json.loads(done.stdout)
        assert '"error"' not in done.stdout


def test_the_python_lines_run(monkeypatch):
    monkeypatch.delenv("LEAN_SERVER_API_KEY", raising=False)
    example = re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)
    assert example is not None
    with serving() as url:
        exec(example.group(1).replace(ADDRESS, url), {})


def test_the_numbers_are_the_settings():
    settings = ServerSettings()
    for number in (
        f"{settings.max_body_bytes:,} bytes",
        f"{settings.max_programs:,} programs",
        f"{settings.max_waiting:,} programs wait",
        f"{settings.max_held_bytes:,} bytes are held",
        f"within {settings.body_seconds:g} s",
        f"after {settings.shutdown_seconds:g} s",
    ):
        assert number in SECTION, number
