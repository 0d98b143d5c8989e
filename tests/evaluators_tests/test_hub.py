"""Benchmarks through Hugging Face `datasets`: local folders by the call that reads the hub."""

from __future__ import annotations

import sys

import pytest

from evaluators.benchmarks.benchmark import load_benchmark
from evaluators.benchmarks.benchmark_rows import Fields
from evaluators.benchmarks.forms import CONVERTERS
from evaluators.errors import BenchmarkError
from tests.evaluators_tests.benchmark_rows import OUTERLOOP, VERINA_HUB

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("saved", ["parquet", "jsonl"])
def test_the_hubs_library_reads_a_local_folder_into_the_same_problems(tmp_path, saved):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    table = datasets.Dataset.from_list([VERINA_HUB])
    if saved == "parquet":
        table.to_parquet(tmp_path / "train.parquet")
    else:
        table.to_json(tmp_path / "train.jsonl")
    found = load_benchmark(f"hf:{tmp_path}", form="verina")
    assert found.problems == (CONVERTERS["verina"](Fields("row 1", VERINA_HUB)),)
    assert found.places == ("row 1",)
    assert len(found.sha256) == 64
    assert found.sha256 == load_benchmark(f"hf:{tmp_path}", form="verina").sha256


def test_which_split_is_meant_must_be_clear(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    for split in ("test", "train"):
        table = datasets.Dataset.from_list([{**OUTERLOOP, "id": split}])
        table.to_parquet(tmp_path / f"{split}.parquet")
    with pytest.raises(BenchmarkError, match="has several splits; choose with --split: "):
        load_benchmark(f"hf:{tmp_path}", form="outerloop")
    with pytest.raises(BenchmarkError, match="has no split `dev`"):
        load_benchmark(f"hf:{tmp_path}", form="outerloop", split="dev")
    found = load_benchmark(f"hf:{tmp_path}", form="outerloop", split="test")
    assert [one.id for one in found.problems] == ["test"]


@pytest.mark.parametrize("source", ["hf:org/name@main", "hf:org/name", "hf:org/name@abc123"])
def test_a_hub_benchmark_without_a_commit_is_refused(source):
    with pytest.raises(BenchmarkError, match="give the commit, 40 hexadecimal digits"):
        load_benchmark(source, form="verina")


def test_a_hub_that_cannot_be_reached_is_one_line(monkeypatch):
    pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BenchmarkError, match="cannot be loaded") as raised:
        load_benchmark(f"hf:no/such-benchmark@{COMMIT}", form="verina")
    assert "\n" not in str(raised.value)


def test_without_the_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(BenchmarkError, match=r"pip install 'outerloop\[datasets\]'"):
        load_benchmark(f"hf:org/name@{COMMIT}", form="verina")
