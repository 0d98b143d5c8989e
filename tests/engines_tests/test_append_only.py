from __future__ import annotations

import os
from pathlib import Path

import pytest

from engines.append_only import AppendOnly


def lines(path: Path) -> list[bytes]:
    return list(AppendOnly(path))


def test_lines_come_back_in_their_order(tmp_path: Path) -> None:
    with AppendOnly(tmp_path / "lines") as file:
        file.append("one")
        file.append("zwölf")
    with AppendOnly(tmp_path / "lines") as file:
        file.append("three")
    assert lines(tmp_path / "lines") == [b"one\n", "zwölf\n".encode(), b"three\n"]


def test_a_file_that_nothing_is_added_to_is_not_made(tmp_path: Path) -> None:
    with AppendOnly(tmp_path / "lines") as file:
        assert list(file) == []
    assert not (tmp_path / "lines").exists()


@pytest.mark.parametrize("torn", [b"", b"t", b"two"])
def test_half_a_line_is_never_added_to(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\n" + torn)
    assert lines(path) == [b"one\n"]
    with AppendOnly(path) as file:
        file.append("two")
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_full_disk_leaves_whole_lines_and_a_file_that_can_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "lines"
    with AppendOnly(path, every_line=True) as file:
        file.append("one")
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                file.append("two")
        assert path.read_bytes() == b"one\n"
        file.append("three")
    assert path.read_bytes() == b"one\nthree\n"
