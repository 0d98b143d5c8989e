from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engines.ledger import Cost, StageCost
from stores.manifests import MANIFEST, Manifest, all_in, made_in, maker, newest_in

NOON = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def written(
    store: Path, place: str, *, made_by: str = "", notes: tuple[str, ...] = ()
) -> Manifest:
    folder = store / place
    folder.mkdir(parents=True)
    manifest = Manifest(
        folder,
        inputs={"recipe": {"instruction": "be brief"}},
        files={"rows.jsonl": "ab"},
        cost=Cost(seconds=1.5, checks=2),
        finished=NOON,
        made_by=made_by,
        notes=notes,
    )
    manifest.write(folder)
    return manifest


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    manifest = written(tmp_path, "check/k1", made_by="study/trial 3", notes=("slow",))

    assert Manifest.read(tmp_path / "check" / "k1") == manifest
    facts = json.loads((tmp_path / "check" / "k1" / MANIFEST).read_text(encoding="utf-8"))
    assert (facts["stage"], facts["key"]) == ("check", "k1")
    assert (facts["made_by"], facts["finished"]) == (
        "study/trial 3",
        "2026-01-01T12:00:00.250+00:00",
    )
    assert "folder" not in facts


def test_a_maker_is_a_study_and_who_of_it(tmp_path: Path) -> None:
    manifest = written(tmp_path, "check/k1", made_by=maker("a1b2", "final: best 1"))

    assert (manifest.study, manifest.who) == ("a1b2", "final: best 1")
    assert maker("", "trial 0") == ""


def test_a_stage_is_a_line_of_a_ledger(tmp_path: Path) -> None:
    cost = Cost(seconds=1.5, checks=2)

    assert written(tmp_path, "check/k1").line() == StageCost("check", "k1", False, cost)


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"cost": {"beers": 1}}', '{"cost": {}}', "\udce9"]
)
def test_what_cannot_be_read_is_an_error_of_values_and_left_out_of_a_store(
    tmp_path: Path, text: str
) -> None:
    written(tmp_path, "check/k1")
    (tmp_path / "check" / "k2").mkdir()
    path = tmp_path / "check" / "k2" / MANIFEST
    path.write_bytes(text.encode(errors="surrogateescape"))

    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        Manifest.read(path.parent)
    assert [manifest.key for manifest in all_in(tmp_path)] == ["k1"]


def test_drafts_and_other_studies_are_told_apart(tmp_path: Path) -> None:
    written(tmp_path, "check/k1", made_by="a/trial 0")
    written(tmp_path, "train/k2", made_by="ab/trial 0")
    written(tmp_path, "train/k3")
    written(tmp_path, "train/.k4.tmp-1", made_by="a/trial 1")

    assert [manifest.key for manifest in made_in(tmp_path, "a")] == ["k1"]
    assert list(made_in(tmp_path, "")) == []


def test_the_newest_of_a_stage_are_read_and_no_more(tmp_path: Path) -> None:
    for place, age in (("a/check/k1", 30), ("b/check/k2", 10), ("a/check/k3", 20), ("a/x/k4", 0)):
        written(tmp_path, place)
        at = NOON.timestamp() - age
        os.utime(tmp_path / place / MANIFEST, (at, at))

    found = newest_in([tmp_path / "a", tmp_path / "b"], "check", at_most=2)
    assert [manifest.key for manifest in found] == ["k2", "k3"]
