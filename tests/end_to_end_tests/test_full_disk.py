"""A disk that is full in mid-trial: a small file system of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from search.study.records import State, read_records
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
SCRIPT = """
set -u
mount -t tmpfs -o size=64m none "$DISK"
cp "$HOME_OF_STUDY"/* "$DISK"/
drive() { "$PYTHON" -m tests.end_to_end_tests.drive_small_study "$DISK" 4 1.0 "$@"; }
{
    until grep -q '^trial   0  score' "$SAID/first.txt" 2>/dev/null; do sleep 0.2; done
    cat /dev/zero > "$DISK/filler" 2>/dev/null
} &
drive > "$SAID/first.txt" 2>&1
echo $? > "$SAID/first.status"
wait
cp -r "$DISK/run/study.db" "$SAID/stopped.db"
rm "$DISK/filler"
drive --resume > "$SAID/second.txt" 2>&1
echo $? > "$SAID/second.status"
cp "$DISK/run/study.db" "$DISK/ran.log" "$SAID"/
"""


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_full_disk_stops_the_search_in_one_line_and_fails_no_trial(tmp_path: Path) -> None:
    if not _may_mount():
        pytest.skip("needs to mount a file system of its own")
    home, disk, said = (tmp_path / name for name in ("home", "disk", "said"))
    for folder in (home, disk, said):
        folder.mkdir()
    study = write_small_study(home)
    text = study.read_text(encoding="utf-8").replace(str(home), str(disk))
    wait = "search:\n  storage_wait_minutes: 0.1\n"
    study.write_text(text.replace("search:\n  trials", wait + "  trials"), encoding="utf-8")

    subprocess.run(
        ["unshare", "-rm", "sh", "-c", SCRIPT],
        cwd=ROOT,
        env={
            **os.environ,
            "DISK": str(disk),
            "SAID": str(said),
            "HOME_OF_STUDY": str(home),
            "PYTHON": sys.executable,
        },
        check=False,
    )

    first = (said / "first.txt").read_text(encoding="utf-8")
    assert (said / "first.status").read_text() == "1\n", first
    assert first.strip().splitlines()[-1].startswith("outerloop: "), first
    assert "run again with --resume" in first.strip().splitlines()[-1]
    assert "Traceback" not in first
    stopped = read_records(said / "stopped.db", "small")
    assert State.FAILED not in [one.state for one in stopped]

    second = (said / "second.txt").read_text(encoding="utf-8")
    assert (said / "second.status").read_text() == "0\n", second
    after = read_records(said / "study.db", "small")
    assert [one.state for one in after] == [State.COMPLETE] * 4
    ran = Counter((said / "ran.log").read_text(encoding="utf-8").splitlines())
    # a stage that found no room for its manifest was run and not finished
    assert sum(times - 1 for times in ran.values()) <= 2
