from __future__ import annotations

import pickle
import sys

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from evaluators.problem import student_prompt
from tests.trainers_tests.tiny_student import SIGNATURE, examples, make_student
from trainers import fine_tuning
from trainers.adapter_folder import read_adapter
from trainers.config import TrainingConfig
from trainers.dataset import Example
from trainers.errors import TrainingError
from trainers.fine_tuning import fine_tune
from trainers.request import FineTune

SHORT = {"batch_size": 4, "learning_rate": 0.01, "max_length_tokens": 64}


def train(student, out_dir, *, method="full", steps=8, seed=0, pairs=None, **settings):
    config = TrainingConfig(method=method, max_steps=steps, **{**SHORT, **settings})
    pairs = examples() if pairs is None else pairs
    return fine_tune(FineTune(tuple(pairs), str(student), config, seed, out_dir))


@pytest.fixture(scope="module")
def untrained_loss(student, tmp_path_factory):
    """The loss before learning: one step at a rate that changes nothing to speak of."""
    folder = tmp_path_factory.mktemp("untrained")
    return train(student, folder / "adapter", steps=1, learning_rate=1e-8).final_loss


# adapters alone cannot do much for a student whose frozen weights are random
@pytest.mark.parametrize(("method", "steps", "share"), [("full", 60, 0.5), ("lora", 100, 0.9)])
def test_training_lowers_the_loss_on_the_completions(
    student, tmp_path, untrained_loss, method, steps, share
):
    adapter = train(student, tmp_path / "adapter", method=method, steps=steps)
    assert adapter.kind == method
    assert adapter.steps == steps
    assert adapter.final_loss < share * untrained_loss


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(student, tmp_path, method):
    first = train(student, tmp_path / "a", method=method, seed=0)
    again = train(student, tmp_path / "b", method=method, seed=0)
    other = train(student, tmp_path / "c", method=method, seed=1)
    assert first.sha256 == again.sha256
    assert first.sha256 != other.sha256


def test_lora_trains_adapters_and_leaves_the_student_as_it_was(student, tmp_path):
    adapter = train(student, tmp_path / "adapter", method="lora")
    names = list(load_file(adapter.path / "adapter_model.safetensors"))
    assert names
    assert all("lora_" in name for name in names)


def test_an_adapter_folder_names_no_path_of_its_own_and_can_be_moved(student, tmp_path):
    for method in ("full", "lora"):
        adapter = train(student, tmp_path / method, method=method)
        for file in adapter.path.glob("*.json"):
            if file.name not in {"tokenizer.json", "adapter.json"}:
                assert str(tmp_path) not in file.read_text(encoding="utf-8")
                assert student not in file.read_text(encoding="utf-8")
        moved = adapter.path.rename(tmp_path / f"{method}-moved")
        assert read_adapter(moved).sha256 == adapter.sha256


def test_an_adapter_is_read_back_as_it_was_trained(student, tmp_path):
    adapter = train(student, tmp_path / "adapter")
    assert read_adapter(tmp_path / "adapter") == adapter


def test_nothing_but_the_adapter_is_left_behind(student, tmp_path):
    train(student, tmp_path / "here" / "adapter")
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["adapter"]


def test_training_again_replaces_the_adapter(student, tmp_path):
    train(student, tmp_path / "adapter", seed=0)
    second = train(student, tmp_path / "adapter", seed=1)
    assert read_adapter(tmp_path / "adapter") == second


def test_a_folder_without_its_manifest_is_no_adapter(student, tmp_path):
    adapter = train(student, tmp_path / "adapter")
    (adapter.path / "adapter.json").unlink()
    with pytest.raises(TrainingError, match=r"no finished adapter.*train it again"):
        read_adapter(adapter.path)


def test_weights_that_were_changed_afterwards_are_noticed(student, tmp_path):
    adapter = train(student, tmp_path / "adapter")
    weights = adapter.path / "model.safetensors"
    tensors = load_file(weights)
    save_file({name: tensor + 1 for name, tensor in tensors.items()}, weights)
    with pytest.raises(TrainingError, match=r"not those its adapter\.json names"):
        read_adapter(adapter.path)


def test_tokens_are_counted_without_padding(student, tmp_path):
    from trainers.encoding import encode_examples
    from trainers.student import load_student

    tokenizer = load_student(student).tokenizer
    pairs = examples(copies=1)
    lengths = [
        len(row["input_ids"])
        for row in encode_examples(tokenizer, pairs, end=tokenizer.eos_token_id, max_length=64)
    ]
    # three pairs, two steps of three: each pair is read exactly twice
    adapter = train(student, tmp_path / "adapter", steps=2, batch_size=3, pairs=pairs)
    assert adapter.tokens == 2 * sum(lengths)


def test_fewer_examples_than_a_batch_are_repeated(student, tmp_path):
    assert train(student, tmp_path / "adapter", pairs=examples(1)[:1]).steps == 8


def test_training_prints_nothing_even_where_progress_bars_are_on(
    student, tmp_path, capfd, monkeypatch
):
    hub = sys.modules["huggingface_hub.utils.tqdm"]
    monkeypatch.setattr(hub, "HF_HUB_DISABLE_PROGRESS_BARS", None)
    monkeypatch.setattr(transformers.utils.logging, "_tqdm_active", True)
    train(student, tmp_path / "adapter")
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_the_threads_of_the_settings_are_used(student, tmp_path):
    train(student, tmp_path / "adapter", threads=2)
    assert torch.get_num_threads() == 2
    train(student, tmp_path / "adapter", threads=1)
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_used_where_the_processor_multiplies_it_itself(tmp_path, monkeypatch, native):
    monkeypatch.setattr(fine_tuning, "computes_bf16", lambda: native)
    assert fine_tuning._arguments(TrainingConfig(), tmp_path).bf16 is native


def test_without_examples_there_is_no_training(student, tmp_path):
    with pytest.raises(TrainingError, match=r"0 given.*loosen the recipe's filter"):
        train(student, tmp_path / "adapter", pairs=[])
    assert not (tmp_path / "adapter").exists()


def test_examples_too_long_for_the_student_are_left_out_never_cut(student, tmp_path, caplog):
    short = examples(1)
    huge = Example(student_prompt("Twice x. " * 100, SIGNATURE), " x + x", "huge")
    adapter = train(student, tmp_path / "a", pairs=[*short, huge], max_length_tokens=4096)
    alone = train(student, tmp_path / "b", pairs=short, max_length_tokens=4096)
    assert adapter.sha256 == alone.sha256
    assert "1 of 4 examples exceed 96 tokens" in caplog.text  # 96 is the student's context
    with pytest.raises(TrainingError, match="none of at most 96 tokens"):
        train(student, tmp_path / "c", pairs=[huge], max_length_tokens=4096)


def test_a_loss_that_is_no_number_is_an_error_not_an_adapter(tmp_path):
    student = make_student(tmp_path / "student")
    weights = tmp_path / "student" / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.norm.weight"] = torch.full_like(tensors["model.norm.weight"], torch.nan)
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(TrainingError, match=r"not finite; lower `training\.learning_rate`"):
        train(student, tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


@pytest.mark.parametrize("student_name", ["no/such/folder", "no/hub-id", "./nothing-here", ""])
def test_a_student_that_cannot_be_loaded_is_named_in_one_line(tmp_path, monkeypatch, student_name):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(TrainingError, match=r"cannot be loaded.*model folder") as raised:
        train(student_name, tmp_path / "adapter")
    assert "\n" not in str(raised.value)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_damaged_weight_file_is_named_in_one_line(tmp_path):
    student = make_student(tmp_path / "student")
    (tmp_path / "student" / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(TrainingError, match="cannot be loaded") as raised:
        train(student, tmp_path / "adapter")
    assert "\n" not in str(raised.value)


def test_a_student_without_a_padding_token_can_be_trained(tmp_path):
    student = make_student(tmp_path / "student", pad=False)
    assert train(student, tmp_path / "adapter").final_loss > 0
