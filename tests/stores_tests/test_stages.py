from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from engines.ledger import Cost, Ledger
from stores.content import fingerprint
from stores.stages import Stage, StageStore


@dataclass(frozen=True, slots=True)
class Fruit:
    name: str
    weight: int


FRUITS = TypeAdapter(list[Fruit])
BASKET = [Fruit("apple", 3), Fruit("pear", 4)]


def store_in(root: Path) -> StageStore:
    return StageStore(root, ledger=Ledger())


def pick(
    store: StageStore, compute: Callable[[Path], list[Fruit]], tree: str = "old"
) -> Stage[list[Fruit]]:
    return store.run(
        "pick",
        inputs={"tree": tree},
        compute=compute,
        codec=FRUITS,
        cost=lambda fruits: Cost(checks=len(fruits)),
    )


def never(_: Path) -> list[Fruit]:
    raise AssertionError("a finished stage was run again")


def test_a_repeated_stage_is_read_and_not_run(tmp_path: Path) -> None:
    first = pick(store_in(tmp_path), lambda _: BASKET)
    again = pick(store_in(tmp_path), never)

    assert (first.value, first.cached) == (BASKET, False)
    assert (again.value, again.cached) == (BASKET, True)
    assert again.sha256 == first.sha256


def test_other_inputs_are_another_stage(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    pick(store, lambda _: BASKET)

    assert pick(store, lambda _: [], tree="young").value == []


def test_the_order_of_the_inputs_does_not_matter() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_stage_keeps_the_files_it_was_computed_with(tmp_path: Path) -> None:
    def compute(folder: Path) -> list[Fruit]:
        (folder / "weights").mkdir()
        (folder / "weights" / "model.bin").write_bytes(b"123")
        return BASKET

    stage = pick(store_in(tmp_path), compute)

    assert (stage.folder / "weights" / "model.bin").read_bytes() == b"123"
    manifest = json.loads((stage.folder / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == ["rows.jsonl", "weights/model.bin"]


def test_the_ledger_knows_what_was_run_and_what_was_read(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    pick(store, lambda _: BASKET)
    pick(store, never)

    assert [(line.cached, line.cost.checks) for line in store.ledger.lines] == [
        (False, 2),
        (True, 2),
    ]


@pytest.mark.parametrize("spoilt", ["rows.jsonl", "manifest.json"])
@pytest.mark.parametrize("content", [b"", b'{"name": "plum", "weight": 9}\n', b"\xff\xfe"])
def test_a_spoilt_payload_is_noticed_and_made_again(
    tmp_path: Path, spoilt: str, content: bytes
) -> None:
    stage = pick(store_in(tmp_path), lambda _: BASKET)
    (stage.folder / spoilt).write_bytes(content)

    again = pick(store_in(tmp_path), lambda _: BASKET)

    assert (again.value, again.cached) == (BASKET, False)
    assert pick(store_in(tmp_path), never).cached


def test_a_lost_or_added_file_is_noticed(tmp_path: Path) -> None:
    stage = pick(store_in(tmp_path), lambda _: BASKET)
    (stage.folder / "extra.txt").write_text("?", encoding="utf-8")

    assert not pick(store_in(tmp_path), lambda _: BASKET).cached


def test_a_stage_that_fails_leaves_nothing_to_read(tmp_path: Path) -> None:
    def fail(folder: Path) -> list[Fruit]:
        (folder / "half.bin").write_bytes(b"half")
        raise RuntimeError("the tree fell")

    with pytest.raises(RuntimeError, match="the tree fell"):
        pick(store_in(tmp_path), fail)

    assert not [path for path in (tmp_path / "pick").iterdir() if path.is_dir()]
    assert pick(store_in(tmp_path), lambda _: BASKET).value == BASKET


def test_what_a_killed_process_left_half_done_is_cleared_away(tmp_path: Path) -> None:
    key = fingerprint({"tree": "old"})
    draft = tmp_path / "pick" / f".{key}.tmp-dead"
    draft.mkdir(parents=True)
    (draft / "rows.jsonl").write_text('{"name": "app', encoding="utf-8")

    assert pick(store_in(tmp_path), lambda _: BASKET).value == BASKET
    assert not draft.exists()


def _pick_slowly(root: Path, log: Path) -> None:
    def compute(_: Path) -> list[Fruit]:
        with log.open("a", encoding="utf-8") as file:
            file.write("ran\n")
        multiprocessing.Event().wait(0.3)
        return BASKET

    assert pick(store_in(root), compute).value == BASKET


def test_two_processes_that_want_one_stage_run_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_pick_slowly, args=(tmp_path / "s", log)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)

    assert [process.exitcode for process in both] == [0, 0]
    assert log.read_text(encoding="utf-8") == "ran\n"
