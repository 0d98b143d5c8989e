from __future__ import annotations

import re
from pathlib import Path

import pytest
from dspy.lm15 import Message, Request, Response, ServerError, TextPart, Usage

from engines import budget as purse
from engines import meter
from engines.budget import Purse
from engines.caps import Caps
from engines.errors import BudgetSpent, ModelUnavailable
from engines.paid_lm import PaidLM, Terms
from engines.prices import Price
from engines.settings import GeneratorSettings, PriceSettings
from evaluators.task import Demo
from search.generation.instruction_writing import (
    Brief,
    GroundedWriter,
    InstructionWriter,
    Lesson,
    ReflectingWriter,
    make_writers,
)
from search.settings.proposals import Source
from tests.search_tests.chat_server import USAGE, chat_server, in_every_field
from tests.search_tests.eng2lean import TASK

BRIEF = Brief(
    instruction="Translate the function.",
    past=(("Translate the function.", 0.25), ("Translate it. Be terse.", 0.125)),
    contexts=(("def f(x):\n    return x + x", "Twice x."),),
    good=(
        Demo(("def g(x): return x", "The same."), ("Gives x back.", "def g (x : Int) : Int := x")),
    ),
    lessons=(
        Lesson({"python": "def h(x): return x - x"}, "def h := 0", "refused: unfaithful. 0 = 1"),
        Lesson({"docstring": "Thrice x."}, "x + x", "Lean: test_failed. f 1 = 3 is false"),
    ),
    longest=300,
)


class Engine:
    """Answers every chat with one text in each field that is asked for."""

    def __init__(self, text: str = "Translate the function. Name the types.") -> None:
        self.text = text
        self.asked: list[str] = []
        self.error: Exception | None = None

    def complete(self, request: Request) -> Response:
        self.asked.append("\n".join(message.text or "" for message in request.messages))
        if self.error is not None:
            raise self.error
        names = re.findall(r"`\[\[ ## (\w+) ## \]\]`", self.asked[-1])
        fields = [name for name in names if name != "completed"]
        reply = "\n\n".join(f"[[ ## {name} ## ]]\n{self.text}" for name in fields)
        return Response(
            id=None,
            model="fake",
            message=Message.assistant([TextPart(f"{reply}\n\n[[ ## completed ## ]]")]),
            finish_reason="stop",
            usage=Usage(input_tokens=100, output_tokens=20),
        )


def model(engine: Engine) -> PaidLM:
    lm = PaidLM("local/fake", engine=engine)
    lm.terms = Terms(
        setting="proposals.lm",
        fingerprint="fake",
        longest_reply=50,
        price=Price(1_000_000, 2_000_000, 1_000_000, "test"),
    )
    return lm


@pytest.mark.parametrize("kind", [GroundedWriter, ReflectingWriter])
def test_a_writer_gives_the_instruction_that_the_model_proposes(kind: type) -> None:
    engine = Engine()

    written = kind(model(engine), "fake", TASK).write(BRIEF, seed=1)

    assert written == "Translate the function. Name the types."


def test_the_grounded_writer_shows_data_good_rows_and_past_instructions() -> None:
    engine = Engine()
    writer = GroundedWriter(model(engine), "fake", TASK)

    writer.write(BRIEF, seed=1)
    first = len(engine.asked)
    writer.write(BRIEF, seed=2)

    assert "def f(x)" in engine.asked[0]
    assert "Gives x back." in engine.asked[-1]
    assert "Translate it. Be terse. | Score: 12.5" in engine.asked[-1]
    assert first == 3  # two about the data, which are asked once
    assert len(engine.asked) == 4


def test_the_reflecting_writer_shows_what_lean_said_and_asks_for_general_rules() -> None:
    engine = Engine()

    ReflectingWriter(model(engine), "fake", TASK).write(BRIEF, seed=1)

    assert "refused: unfaithful. 0 = 1" in engine.asked[0]
    assert "Lean: test_failed. f 1 = 3 is false" in engine.asked[0]
    assert "quote no task" in engine.asked[0]


def test_an_answer_that_cannot_be_read_is_an_empty_draft() -> None:
    engine = Engine()
    engine.complete = lambda request: Response(  # type: ignore[method-assign]
        id=None,
        model="fake",
        message=Message.assistant([TextPart("no fields at all")]),
        finish_reason="stop",
        usage=Usage(input_tokens=1, output_tokens=1),
    )

    assert ReflectingWriter(model(engine), "fake", TASK).write(BRIEF, seed=1) == ""


def test_a_model_that_is_away_is_an_error_that_names_the_setting() -> None:
    engine = Engine()
    engine.error = ServerError("out of order")

    with pytest.raises(ModelUnavailable, match=r"proposals\.lm fake: .*out of order"):
        ReflectingWriter(model(engine), "fake", TASK).write(BRIEF, seed=1)


def test_every_call_is_metered_and_nothing_is_sent_that_the_caps_do_not_hold(
    tmp_path: Path,
) -> None:
    engine = Engine()
    writer = ReflectingWriter(model(engine), "fake", TASK)
    enough = Purse(tmp_path / "budget.db", Caps(tokens=100_000))
    with purse.carried(enough), meter.metered() as used:
        writer.write(BRIEF, seed=1)

    assert (used.used.input_tokens, used.used.output_tokens) == (100, 20)
    assert used.used.nanodollars == 100 + 2 * 20
    assert enough.spent().tokens == 120
    little = Purse(tmp_path / "little.db", Caps(tokens=200))
    with purse.carried(little), pytest.raises(BudgetSpent):
        writer.write(BRIEF, seed=2)
    assert len(engine.asked) == 1


def test_writers_of_an_endpoint_are_made_without_calling_it() -> None:
    settings = GeneratorSettings(model="hosted_vllm/m", api_base="http://127.0.0.1:9/v1")

    writers = make_writers(settings, TASK)

    assert set(writers) == {"grounded", "reflected"}
    assert "hosted_vllm/m" in writers["grounded"].fingerprint


def served_writers(address: str, *, retries: int = 0) -> dict[Source, InstructionWriter]:
    return make_writers(
        GeneratorSettings(
            model="hosted_vllm/m",
            api_base=address,
            max_new_tokens=50,
            retries=retries,
            price=PriceSettings(input_per_million=1.0, output_per_million=2.0),
        ),
        TASK,
    )


@pytest.mark.parametrize("source", ["grounded", "reflected"])
def test_a_served_model_writes_and_what_it_says_it_used_is_paid(
    source: Source, tmp_path: Path
) -> None:
    money = Purse(tmp_path / "budget.db", Caps(nanodollars=10_000_000))
    with chat_server(in_every_field("Translate it. Name the types.")) as server:
        writer = served_writers(server.address)[source]
        with purse.carried(money), meter.metered() as used:
            written = writer.write(BRIEF, seed=1)
            writer.write(BRIEF, seed=2)

    calls = len(server.requests)
    assert written == "Translate it. Name the types."
    assert calls == (4 if source == "grounded" else 2)  # two of them about the data, once
    assert used.used.input_tokens == calls * USAGE["prompt_tokens"]
    assert used.used.output_tokens == calls * USAGE["completion_tokens"]
    paid = calls * (1000 * USAGE["prompt_tokens"] + 2000 * USAGE["completion_tokens"])
    assert money.spent().nanodollars == used.used.nanodollars == paid
    assert all(asked["max_tokens"] == 50 for asked in server.requests)


@pytest.mark.parametrize("source", ["grounded", "reflected"])
def test_a_served_model_is_told_what_went_wrong_and_what_went_well(source: Source) -> None:
    with chat_server(in_every_field("Translate it.")) as server:
        served_writers(server.address)[source].write(BRIEF, seed=1)

    asked = "\n".join(server.prompts)
    assert "at most 300 characters of your own" in asked
    if source == "grounded":
        assert "def f(x)" in asked
        assert "Gives x back." in asked
        assert "Translate it. Be terse. | Score: 12.5" in asked
    else:
        assert "Lean: test_failed. f 1 = 3 is false" in asked
        assert "refused: unfaithful. 0 = 1" in asked


@pytest.mark.parametrize("source", ["grounded", "reflected"])
def test_a_server_that_breaks_is_asked_again_and_then_named(source: Source) -> None:
    with chat_server(lambda _: None) as server:
        writer = served_writers(server.address, retries=1)[source]
        with pytest.raises(ModelUnavailable, match=r"proposals\.lm hosted_vllm/m .*served"):
            writer.write(BRIEF, seed=1)

    assert len(server.requests) == 3  # two tries, and whether it answers anything at all


def test_a_served_model_that_answers_in_no_form_gives_an_empty_draft() -> None:
    with chat_server(lambda _: "I would rather not.") as server:
        writers = served_writers(server.address)
        written = [writers[source].write(BRIEF, seed=1) for source in ("grounded", "reflected")]

    assert written == ["", ""]
