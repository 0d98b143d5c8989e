"""The real Lean behind the real server: our own client, and Kimina's on hostile code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, check
from lean_sandbox.serving.client import LeanClient
from lean_sandbox.serving.settings import ServerSettings
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
