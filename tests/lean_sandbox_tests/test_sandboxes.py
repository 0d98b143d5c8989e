from __future__ import annotations

import pytest

from lean_sandbox.pool import LeanPool
from tests.contracts.fake_sandbox import FakeSandbox
from tests.contracts.sandbox_contract import SandboxContract


class TestFakeSandbox(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> FakeSandbox:
        return FakeSandbox()


@pytest.mark.lean
class TestWasmSandbox(SandboxContract):
    @pytest.fixture
    def sandbox(self, pool: LeanPool) -> LeanPool:
        return pool
