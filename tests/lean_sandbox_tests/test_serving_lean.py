"""The real Lean behind the real server: our own client, and Kimina's on hostile code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.serving.client import LeanClient
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.verdict import Message
from tests.contracts.sandbox_contract import SandboxContract
from tests.lean_sandbox_tests.harmless import HARMLESS
from tests.lean_sandbox_tests.hostile import FALSE, HOSTILE
from tests.lean_sandbox_tests.kimina_package import KiminaClient, SnippetStatus
from tests.lean_sandbox_tests.served import serving

pytestmark = pytest.mark.lean


@pytest.fixture(scope="module")
def url(pool: LeanPool) -> Iterator[str]:
    with serving(pool, ServerSettings(port=0, timeout_seconds=60)) as address:
        yield address


class TestServedLean(SandboxContract):
    @pytest.fixture
    def sandbox(self, url: str) -> LeanClient:
        return LeanClient(url)


def statuses(url: str, programs: list[str]) -> list[SnippetStatus]:
    answer = KiminaClient(url).check(
        programs, timeout=60, batch_size=len(programs), show_progress=False
    )
    return [one.analyze().status for one in answer.results]


def test_no_proof_of_a_false_statement_is_valid_to_kiminas_client(url: str) -> None:
    wrong = [hostile for hostile in HOSTILE if hostile.target == FALSE]
    # what only the comparison with a target can see is another theorem, and a true one
    other = ("target_type", "target_missing", "target_kind", "target_helper", "bad_target")
    programs = [h.program for h in wrong if not set(h.reasons) & set(other)]
    assert len(programs) > 20
    said = dict(zip(programs, statuses(url, programs), strict=True))
    assert [p for p, status in said.items() if status is SnippetStatus.valid] == []
    assert SnippetStatus.sorry in said.values()
    assert SnippetStatus.lean_error in said.values()


def test_kiminas_own_test_of_a_server_passes(url: str) -> None:
    KiminaClient(url).test()


def test_messages_are_those_of_the_editor_and_only_come_when_asked_for(pool: LeanPool) -> None:
    program = '#check Nat\ndef f : Nat :=\n  "é"\n#check f'
    heard = check_with_messages(pool, program)
    assert [(m.severity, m.line, m.column, m.end_line, m.end_column) for m in heard] == [
        ("info", 1, 0, 1, 6),
        ("error", 3, 2, 3, 5),
    ]
    assert heard[0].text == "Nat : Type"
    assert heard[1].text.startswith("Type mismatch")
    assert check(pool, program).messages == ()


def test_messages_have_a_bound(pool: LeanPool) -> None:
    heard = check_with_messages(pool, "#print Nat\n" * 1_000)
    assert len(heard) == 50
    long = check_with_messages(pool, f'#check "{"é" * 3_000}"')
    assert len(long[0].text) <= 2_001
    many = check_with_messages(pool, f'#check "{"é" * 1_900}"\n' * 50)
    assert sum(len(message.text) for message in many) < 45_000


def test_a_parse_error_has_its_place(pool: LeanPool) -> None:
    heard = check_with_messages(pool, "def f := 1\ndef g := ")
    assert [(m.severity, m.line) for m in heard] == [("error", 2)]


def check_with_messages(pool: LeanPool, program: str) -> tuple[Message, ...]:
    return pool.check_many([CheckRequest(program, messages=True)])[0].messages


def test_harmless_code_is_valid_to_kiminas_client(url: str) -> None:
    assert set(statuses(url, list(HARMLESS.values()))) == {SnippetStatus.valid}


def test_what_ends_a_worker_is_a_timeout_to_kiminas_client_and_the_next_program_is_fine(
    url: str,
) -> None:
    busy = "theorem t : (List.range 3000000).foldl (· + ·) 0 = 1 := by decide +kernel"
    answer = KiminaClient(url).check(
        [busy, "def f := 1"], timeout=2, batch_size=2, show_progress=False
    )
    assert [one.analyze().status for one in answer.results] == [
        SnippetStatus.timeout_error,
        SnippetStatus.valid,
    ]


def test_verdicts_over_http_are_those_of_the_pool(url: str, pool: LeanPool) -> None:
    requests = [CheckRequest(h.program, target=h.target, tests=h.tests) for h in HOSTILE[:10]]
    served = LeanClient(url).check_many(requests)
    at_home = pool.check_many(requests)
    assert [(v.outcome, v.reason, v.detail, v.gates) for v in served] == [
        (v.outcome, v.reason, v.detail, v.gates) for v in at_home
    ]


def test_the_version_is_the_pools(url: str, pool: LeanPool) -> None:
    check(pool, "def f := 1")
    assert LeanClient(url).lean_version == pool.lean_version != ""
