from __future__ import annotations

import json
from pathlib import Path

import pytest

from engines.errors import ModelUnusable
from engines.model_facts import StudentFacts, facts_of
from evaluators.errors import EvaluationError
from evaluators.problem import student_prompt
from evaluators.student.model import StudentModel
from tests.trainers_tests.architectures import ARCHITECTURES, make_architecture
from tests.trainers_tests.tiny_student import SIGNATURE, examples, make_student
from trainers.config import TrainingConfig
from trainers.encoding import encode_examples, prompt_ids
from trainers.errors import TrainingError
from trainers.fine_tuning import fine_tune
from trainers.request import FineTune
from trainers.student import load_student

PROMPTS = [
    student_prompt(text, SIGNATURE) for text in ("Twice x.", "The square of x, a long one.", "x")
]
TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}]{{ message['content'] }}"
    "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.fixture(scope="module", params=ARCHITECTURES)
def architecture(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, int | None]:
    folder = tmp_path_factory.mktemp(request.param)
    return make_architecture(folder, request.param, pad=False), ARCHITECTURES[request.param][1]


def rewrite(folder: str, name: str, **fields: object) -> None:
    """Set fields of a JSON file; None is written down too, or a class would fill in its own."""
    path = Path(folder, name)
    values = {**(json.loads(path.read_text()) if path.exists() else {}), **fields}
    path.write_text(json.dumps(values))


def test_every_architecture_says_how_much_it_reads(architecture: tuple[str, int | None]) -> None:
    student, longest = architecture
    assert facts_of(student) == StudentFacts("plain", longest)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_every_architecture_is_trained_and_asked_and_a_row_depends_on_no_other(
    architecture: tuple[str, int | None], tmp_path: Path, method: str
) -> None:
    student = architecture[0]
    config = TrainingConfig.model_validate(
        {"method": method, "max_steps": 2, "batch_size": 4, "max_length_tokens": 64}
    )
    adapter = fine_tune(FineTune(tuple(examples()), student, config, 0, tmp_path / "adapter"))
    model = StudentModel.load(student=student, adapter=adapter)
    together = model.complete(PROMPTS, max_new_tokens=12, temperature=1.0)
    alone = [
        model.complete([prompt], max_new_tokens=12, temperature=1.0, first_row=row)[0]
        for row, prompt in enumerate(PROMPTS)
    ]
    assert together == alone
    assert len(set(together)) == len(PROMPTS)


def test_a_student_that_names_no_limit_takes_the_tokenizers_or_none(tmp_path: Path) -> None:
    student = make_architecture(tmp_path, "bloom")
    long = [student_prompt("Twice x. " * 60, SIGNATURE)]
    assert facts_of(student).context_length is None
    assert StudentModel.load(student=student).complete(long, max_new_tokens=2)
    rewrite(student, "tokenizer_config.json", model_max_length=40)
    assert facts_of(student).context_length == 40
    with pytest.raises(EvaluationError, match="context of 40 tokens"):
        StudentModel.load(student=student).complete(long, max_new_tokens=2)


@pytest.mark.parametrize(
    ("kind", "says"), [("t5", "continues no text"), ("mamba", "keeps a state"), ("no", "cannot")]
)
def test_a_student_that_cannot_be_asked_is_refused_without_its_weights(
    tmp_path: Path, kind: str, says: str
) -> None:
    student = make_student(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    rewrite(student, "config.json", model_type=kind, architectures=None)
    with pytest.raises((TrainingError, ModelUnusable), match=says) as refused:
        facts_of(student)
    assert "\n" not in str(refused.value)


def never_ending(student: str) -> str:
    rewrite(student, "tokenizer_config.json", eos_token=None)
    rewrite(student, "config.json", eos_token_id=None)
    rewrite(student, "generation_config.json", eos_token_id=None)
    return student


def test_a_student_whose_answers_cannot_end_is_refused_before_and_after_loading(
    tmp_path: Path,
) -> None:
    student = never_ending(make_student(tmp_path))
    for load in (facts_of, load_student):
        with pytest.raises((TrainingError, ModelUnusable), match="no end token"):
            load(student)


@pytest.mark.parametrize(
    ("file", "named"),
    [("config.json", 7), ("config.json", [7, 9]), ("generation_config.json", [9, 7])],
)
def test_an_answer_ends_at_every_token_the_model_names(
    tmp_path: Path, file: str, named: int | list[int]
) -> None:
    student = make_student(tmp_path)
    rewrite(student, file, eos_token_id=named)
    loaded = load_student(student)
    assert loaded.ends[0] == loaded.tokenizer.eos_token_id
    assert set(loaded.ends) >= {1, 7}
    assert loaded.pad == 0
    model = StudentModel(loaded)
    endless = model.complete(PROMPTS[:1], max_new_tokens=30)[0]
    tokens = loaded.tokenizer.encode(endless, add_special_tokens=False)
    assert len(tokens) > 3
    rewrite(student, file, eos_token_id=[tokens[3], 9])
    shorter = StudentModel(load_student(student)).complete(PROMPTS[:1], max_new_tokens=30)[0]
    assert endless.startswith(shorter)
    assert len(shorter) < len(endless)


def test_the_models_end_token_is_learnt_where_the_tokenizer_names_none(tmp_path: Path) -> None:
    student = never_ending(make_student(tmp_path, pad=False))
    rewrite(student, "generation_config.json", eos_token_id=[5, 6])
    loaded = load_student(student)
    assert loaded.ends == (5, 6)
    assert loaded.pad == 5
    row = encode_examples(loaded.tokenizer, examples(1)[:1], end=loaded.ends[0])[0]
    assert row["labels"][-1] == 5


def chatting(student: str, template: str = TEMPLATE) -> str:
    Path(student, "chat_template.jinja").write_text(template, encoding="utf-8")
    return student


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_chat_template_is_used_in_training_and_in_answering_alike(
    tmp_path: Path, method: str
) -> None:
    student = chatting(make_student(tmp_path / "student"))
    assert facts_of(student).prompt_form == "chat"
    config = TrainingConfig.model_validate({"method": method, "max_steps": 2, "batch_size": 2})
    adapter = fine_tune(FineTune(tuple(examples()), student, config, 0, tmp_path / "adapter"))
    assert adapter.prompt_form == "chat"
    model = StudentModel.load(student=student, adapter=adapter)
    asked = model.prompt_ids(PROMPTS[0])
    tokenizer = load_student(student).tokenizer
    assert tokenizer.decode(asked) == f"[user]{PROMPTS[0]}[assistant]"
    row = encode_examples(tokenizer, examples(1)[:1], end=1, form="chat")[0]
    first = prompt_ids(tokenizer, examples(1)[0].prompt, form="chat")
    assert row["input_ids"][: len(first)] == first
    assert tuple(first) == model.prompt_ids(examples(1)[0].prompt)


def test_the_form_of_an_adapter_goes_before_what_the_tokenizer_has(tmp_path: Path) -> None:
    student = chatting(make_student(tmp_path / "student"))
    config = TrainingConfig(max_steps=2, batch_size=2, prompt_form="plain")
    adapter = fine_tune(FineTune(tuple(examples()), student, config, 0, tmp_path / "adapter"))
    assert adapter.prompt_form == "plain"
    assert StudentModel.load(student=student, adapter=adapter).prompt_form == "plain"
    assert StudentModel.load(student=student).prompt_form == "chat"
    assert StudentModel.load(student=student, wanted="plain").prompt_form == "plain"


def test_a_template_that_cannot_be_used_says_so_in_one_line(tmp_path: Path) -> None:
    student = make_student(tmp_path)
    with pytest.raises((TrainingError, ModelUnusable), match="needs a chat template"):
        facts_of(student, wanted="chat")
    chatting(student, "{{ raise_exception('a system message must come first') }}")
    with pytest.raises(
        (TrainingError, ModelUnusable), match=r"a system message must.*prompt_form: plain"
    ) as no:
        facts_of(student)
    assert "\n" not in str(no.value)
    assert facts_of(student, wanted="plain").prompt_form == "plain"
