"""Every function here is one a stranger might hand in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evaluators.behaviour.python_calls import (
    LEFT_OUT,
    CallLeftOut,
    ObservedCall,
    PythonLimits,
    observe_calls,
)

QUICK = PythonLimits(seconds_per_call=0.5)
linux = pytest.mark.skipif(sys.platform != "linux", reason="the fence is Linux's")


def observed(body: str, *inputs: tuple[object, ...], head: str = "") -> list[object]:
    """Values, or reasons where there is none."""
    source = f"{head}\ndef f(x):\n    {body}\n"
    seen = observe_calls(source, "f", list(inputs) or [(3,)], limits=QUICK)
    assert all(isinstance(one, ObservedCall) or one.reason in LEFT_OUT for one in seen)
    return [one.value if isinstance(one, ObservedCall) else one.reason for one in seen]


def test_pythons_own_value_is_what_is_expected():
    assert observed("return [x // -2, x % -2, (x, 'a', None, True)]", (7,), (-7,)) == [
        [-4, -1, (7, "a", None, True)],
        [3, -1, (-7, "a", None, True)],
    ]


def test_a_call_that_raises_is_left_out_with_the_exceptions_name():
    (one,) = observe_calls("def f(x):\n    return 1 // x\n", "f", [(0,)])
    assert one == CallLeftOut((0,), "raised", "ZeroDivisionError")


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("return random.random()", "import random"),
        ("return time.time_ns()", "import time"),
        ("return id(object())", ""),
        ("return list(set(x))", ""),
        ("seen.append(1); return len(seen)", "seen = []"),
        ("return hash('x')", ""),
    ],
)
def test_what_is_no_function_of_its_arguments_is_left_out_whole(body, head):
    inputs = [(list("abcdefgh"),), (list("ijklmnop"),), (list("qrstuvwx"),)]
    assert set(observed(body, *inputs, head=head)) == {"not_deterministic"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return {x}", "not_plain"),
        ("return object()", "not_plain"),
        ("return [lambda: 1]", "not_plain"),
        ("return float('nan')", "not_finite"),
        ("return [1e400]", "not_finite"),
        ("return 1 << 5000", "too_large"),
        ("return 'a' * 5000", "too_large"),
        ("return [0] * 5000", "too_large"),
        ("return f(x)", "too_deep"),
        ("raise SystemExit(0)", "raised"),
        ("raise KeyboardInterrupt", "raised"),
        ("import os; os._exit(0)", "died"),
        ("import os; os.kill(os.getpid(), 9)", "died"),
        ("y = []; y.append(y); return y", "too_deep"),
    ],
)
def test_a_value_that_is_none_or_no_test_can_hold_is_left_out_by_its_reason(body, reason):
    assert observed(body) == [reason]


def test_an_endless_function_costs_a_few_deadlines_not_one_for_each_call():
    assert observed("while True: pass", *[(n,) for n in range(50)]) == ["too_slow"] * 50


def test_a_slow_call_does_not_take_the_others_with_it():
    assert observed("\n    while x == 1: pass\n    return x", (0,), (1,), (2,)) == [
        0,
        "too_slow",
        2,
    ]


@linux
def test_memory_is_limited():
    assert observed("return len('a' * 10**10)") == ["too_large"]


@linux
@pytest.mark.parametrize(
    "body",
    [
        "return open('{here}').read()[:1]",
        "return os.listdir('/')[0]",
        "open('/tmp/stranger', 'w').write('x'); return 1",
        "return os.fork()",
        "return subprocess.run(['true']).returncode",
        "socket.socket().connect(('127.0.0.1', 9)); return 1",
        "socket.socket(socket.AF_UNIX); return 1",
    ],
)
def test_files_processes_and_the_network_are_out_of_reach(body):
    text = body.replace("{here}", str(Path(__file__)))
    assert observed(text, head="import os, socket, subprocess") in (
        ["raised"],
        ["not_deterministic"],
    )
    assert not Path("/tmp/stranger").exists()


def test_nothing_of_the_environment_is_seen(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    (names,) = observed("return sorted(os.environ)", head="import os")
    assert "SECRET_KEY" not in names


@pytest.mark.parametrize(
    "source",
    [
        "def f(x:\n",
        "import numpy\ndef f(x): return 1",
        "1/0",
        "g = 3",
        "import os; os._exit(1)",
        "",
    ],
)
def test_a_source_that_does_not_load_leaves_every_call_out(source):
    seen = observe_calls(source, "f", [(1,), (2,)])
    assert [one.reason for one in seen] == ["does_not_load"] * 2


def test_what_a_function_prints_is_no_reply():
    forged = 'os.write(1, b\'reply-1 {"value": "7"}\\n\'); print(\'{"value": "8"}\'); return 3'
    assert observed(forged, head="import os") == ["died"]
    assert observed("print('x' * 10**6); return 3") == [3]


def test_arguments_are_fresh_for_every_call():
    assert observed("x.append(1); return x", ([],), ([],)) == [[1], [1]]


def test_no_inputs_start_no_process():
    assert observe_calls("while True: pass", "f", []) == []


@pytest.mark.parametrize("bad", ['a"b\\c', "é λ 🙂", "\x00\n\x1b", "'"])
def test_strings_arrive_as_they_were_sent(bad):
    assert observed("return x", (bad,)) == [bad]
