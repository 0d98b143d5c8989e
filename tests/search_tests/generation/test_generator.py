import http.server
import json
import threading
from typing import ClassVar

import pytest

from engines import meter
from engines.budget import Purse, carried
from engines.caps import Caps
from engines.errors import BudgetSpent, ModelUnavailable
from engines.settings import GeneratorSettings, PriceSettings
from evaluators.eng2lean.contexts import PythonContext
from evaluators.task import Candidate, Demo
from search.generation.generator import call_seed, make_generator
from search.generation.program import GeneratorProgram, PlainAdapter, recipe_parts
from search.materials.problems import load_demos
from search.recipes.recipe import Recipe
from tests.search_tests.eng2lean import TASK

BASE = "Translate the Python function to Lean 4."

CONTEXTS = [
    PythonContext.of(
        "a", "f", "def f(x: int) -> int:\n    return x + 3", "Return the sum of x and 3."
    ),
    PythonContext.of(
        "b", "g", "def g(xs: list[int]) -> int:\n    return sum(xs)", "Return the total of xs."
    ),
    PythonContext.of(
        "c",
        "h",
        "def h(n: int, m: int) -> int:\n    r = n * m\n    return r - 5",
        "Return the difference of (the product of n and m) and 5.",
    ),
    PythonContext.of(
        "d",
        "pick",
        "def pick(xs: list[int]) -> list[int]:\n    return [v for v in xs[::-1] if v > 2]",
        "Return the elements of (the reverse of xs) greater than 2.",
    ),
]


@pytest.fixture(scope="module")
def generator():
    return make_generator(GeneratorSettings(model="embedded:generator"), TASK)


def _lean(generator, recipe: Recipe) -> list[str]:
    return [candidate.outputs[1] for candidate in generator.write(recipe, CONTEXTS, seed=1)]


def test_candidates_come_in_the_order_of_contexts_and_attempts(generator):
    written = generator.write(Recipe(BASE, attempts=2), CONTEXTS, seed=1)
    assert [(c.context_id, c.attempt) for c in written] == [
        (context.id, attempt) for context in CONTEXTS for attempt in range(2)
    ]
    assert all(c.input_tokens > 20 and c.output_tokens > 5 for c in written)


def test_the_same_seed_writes_the_same_and_another_seed_does_not(generator):
    recipe = Recipe(BASE, temperature=1.2)
    assert generator.write(recipe, CONTEXTS, seed=7) == generator.write(recipe, CONTEXTS, seed=7)
    assert generator.write(recipe, CONTEXTS, seed=7) != generator.write(recipe, CONTEXTS, seed=8)


def test_what_is_written_does_not_depend_on_what_else_is_in_flight(generator):
    recipe = Recipe(BASE, temperature=0.8)
    alone = [generator.write(recipe, [context], seed=3)[0] for context in CONTEXTS]
    assert generator.write(recipe, CONTEXTS, seed=3) == alone


def test_the_generator_follows_the_instruction(generator):
    lets = _lean(generator, Recipe(BASE + " Bind each step with let.", temperature=0))
    operators = _lean(
        generator, Recipe(BASE + " Write one expression with operators.", temperature=0)
    )
    assert sum("let " in lean for lean in lets) > sum("let " in lean for lean in operators)
    nats = _lean(generator, Recipe(BASE + " Use Nat for numbers.", temperature=0))
    assert sum("Nat" in lean for lean in nats) >= 3


def test_the_generator_follows_its_demos_where_the_instruction_is_silent(generator):
    pool = load_demos("embedded:demos", TASK.form)
    named = tuple(pool[f"named-{writer}-1"] for writer in ("formal", "terse"))
    shown = _lean(generator, Recipe(BASE, demos=named, temperature=0))
    assert sum(("." in lean and "List.filter" in lean) or "Int." in lean for lean in shown) >= 2


def test_a_prompt_longer_than_the_context_is_marked_and_loses_no_other(generator):
    long = PythonContext.of(
        "long", "f", "def f(x: int) -> int:\n    return " + "x + " * 3000 + "x", "Sum."
    )
    written = generator.write(Recipe(BASE), [CONTEXTS[0], long], seed=1)
    assert written[1] == Candidate("long", 0, ("", ""), unreadable="too_long")
    assert not written[0].unreadable


@pytest.mark.parametrize("model", ["embedded:nobody", "local/nowhere/at-all"])
def test_a_local_model_that_is_not_there_gives_one_line_with_the_fix(model):
    with pytest.raises(ModelUnavailable, match=r"cannot be loaded.*give a folder") as caught:
        make_generator(GeneratorSettings(model=model), TASK)
    assert "\n" not in str(caught.value)


def test_a_key_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="NO_SUCH_KEY"):
        make_generator(
            GeneratorSettings(model="openai/x", api_base="http://x", api_key_env="NO_SUCH_KEY"),
            TASK,
        )


def test_every_call_has_a_seed_of_its_own():
    seeds = {call_seed(s, c, a) for s in range(3) for c in ("a", "b") for a in range(3)}
    assert len(seeds) == 18
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_frozen_program_gives_instruction_and_demos_back(tmp_path):
    recipe = Recipe(
        "Say it in Lean.", demos=(Demo(("def f(): ...", "Nothing."), ("Nil.", "def f := 0")),)
    )
    GeneratorProgram.from_recipe(recipe, TASK.form).freeze(tmp_path / "program.json")
    fresh = GeneratorProgram(TASK.form)
    fresh.load(str(tmp_path / "program.json"))
    assert recipe_parts(fresh, TASK.form) == (recipe.instruction, recipe.demos)


def test_the_adapter_shows_demos_as_earlier_turns():
    demo = {"python": "P", "docstring_in": "D", "docstring": "E", "lean": "L"}
    program = GeneratorProgram.from_recipe(Recipe("I"), TASK.form)
    messages = PlainAdapter(TASK).format(
        program.write.signature, [demo], {"python": "Q", "docstring_in": "R"}
    )
    assert [(m["role"], m["content"]) for m in messages] == [
        ("system", "I"),
        ("user", '"""D"""\nP'),
        ("assistant", "/-- E -/\nL"),
        ("user", '"""R"""\nQ'),
    ]


_USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


class _Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers like an OpenAI-compatible server; `script` says what to each request in turn."""

    script: ClassVar[list[tuple[int, str]]] = []
    seen: ClassVar[list[dict]] = []
    usage: ClassVar[dict] = {}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(body)
        status, text = self.script.pop(0) if self.script else (200, "")
        reply = {
            "id": "1",
            "object": "chat.completion",
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text},
                }
            ],
            "usage": self.usage,
        }
        data = json.dumps(reply if status == 200 else {"error": {"message": "busy"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    _Endpoint.script, _Endpoint.seen, _Endpoint.usage = [], [], _USAGE
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def _remote(endpoint, **settings):
    return make_generator(
        GeneratorSettings(
            model="hosted_vllm/m", api_base=endpoint, concurrent_calls=1, **settings
        ),
        TASK,
    )


_GOOD = (
    "[[ ## docstring ## ]]\nTwice x.\n\n"
    "[[ ## lean ## ]]\ndef f (x : Int) : Int := x + x\n\n[[ ## completed ## ]]"
)


def test_an_endpoint_is_asked_with_the_recipe_and_its_answer_read(endpoint):
    _Endpoint.script = [(200, _GOOD)]
    written = _remote(endpoint).write(Recipe("Do it.", temperature=0.3), CONTEXTS[:1], seed=5)
    assert written[0].outputs == (
        "Twice x.",
        "def f (x : Int) : Int := x + x",
    )
    assert (written[0].input_tokens, written[0].output_tokens) == (11, 7)
    request = _Endpoint.seen[0]
    assert request["temperature"] == 0.3
    assert request["seed"] == call_seed(5, "a", 0)
    assert "Do it." in request["messages"][0]["content"]


def test_an_answer_that_cannot_be_read_is_paid_for_all_the_same(endpoint):
    _Endpoint.script = [(200, "I would rather not.")]
    price = PriceSettings(input_per_million=1.0, output_per_million=2.0)
    with meter.metered() as used:
        written = _remote(endpoint, price=price).write(Recipe("Do it."), CONTEXTS[:1], seed=5)
    assert written[0].unreadable == "unreadable"
    assert (written[0].input_tokens, written[0].output_tokens) == (11, 7)
    assert used.used.nanodollars == 11 * 1000 + 7 * 2000


def test_what_does_not_fit_the_budget_is_not_sent(endpoint, tmp_path):
    _Endpoint.script = [(200, _GOOD)] * 4
    generator = _remote(endpoint)
    worst = generator.worst_case(Recipe("Do it."), CONTEXTS[:1]).tokens
    spending = Purse(tmp_path / "budget.db", Caps(tokens=worst + 18))
    with pytest.raises(BudgetSpent, match=r"raise budget\.tokens"), carried(spending):
        generator.write(Recipe("Do it.", attempts=4), CONTEXTS[:1], seed=5)
    # 18 tokens a call: the second fits to the token, the third does not
    assert len(_Endpoint.seen) == 2
    assert spending.spent().tokens == 36
    assert spending.held().tokens == 0


def test_an_endpoint_that_says_nothing_of_its_usage_is_believed_to_have_used_all(
    endpoint, tmp_path
):
    _Endpoint.script, _Endpoint.usage = [(200, _GOOD)], {}
    generator = _remote(endpoint)
    spending = Purse(tmp_path / "budget.db", Caps(tokens=10**6))
    with carried(spending):
        generator.write(Recipe("Do it."), CONTEXTS[:1], seed=5)
    assert spending.spent().tokens == generator.worst_case(Recipe("Do it."), CONTEXTS[:1]).tokens


def test_cached_tokens_are_counted_at_their_own_price(endpoint):
    _Endpoint.script = [(200, _GOOD)]
    _Endpoint.usage = {**_USAGE, "prompt_tokens_details": {"cached_tokens": 8}}
    price = PriceSettings(input_per_million=1.0, output_per_million=2.0, cached_per_million=0.1)
    with meter.metered() as used:
        _remote(endpoint, price=price).write(Recipe("Do it."), CONTEXTS[:1], seed=5)
    assert used.used.cached_tokens == 8
    assert used.used.nanodollars == 3 * 1000 + 8 * 100 + 7 * 2000


def test_an_endpoint_that_is_busy_once_is_asked_again(endpoint):
    _Endpoint.script = [(503, ""), (200, _GOOD)]
    assert not _remote(endpoint).write(Recipe("Do it."), CONTEXTS[:1], seed=5)[0].unreadable


@pytest.mark.parametrize("text", ["", "I would rather not.", "x = 1 " * 4000])
def test_an_answer_that_is_empty_or_prose_or_enormous_is_unreadable_not_a_crash(endpoint, text):
    _Endpoint.script = [(200, text)] * 4
    assert (
        _remote(endpoint).write(Recipe("Do it."), CONTEXTS[:1], seed=5)[0].unreadable
        == "unreadable"
    )


def test_an_endpoint_that_is_not_there_stops_with_one_line():
    generator = _remote("http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(ModelUnavailable, match=r"api_base.*--resume") as caught:
        generator.write(Recipe("Do it."), CONTEXTS[:1], seed=5)
    assert "\n" not in str(caught.value)
