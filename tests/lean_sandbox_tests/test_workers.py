"""One contract for every kind of worker. Of a dear one there is one; the last tests end it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lean_sandbox.confinement import layers
from lean_sandbox.native import NativeBackend
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.wasm import WasmBackend
from lean_sandbox.worker import Worker
from tests.contracts.worker_contract import WorkerContract
from tests.lean_sandbox_tests import stand_in_lean
from tests.lean_sandbox_tests.scripted import ScriptedWorker


class TestScriptedWorker(WorkerContract):
    @pytest.fixture
    def worker(self) -> ScriptedWorker:
        return ScriptedWorker({})

    @pytest.fixture
    def fresh(self) -> ScriptedWorker:
        return ScriptedWorker({})


@pytest.fixture(scope="module")
def wasm_worker(installed: Toolchain) -> Iterator[Worker]:
    started = WasmBackend(installed).start()
    yield started
    started.close()


@pytest.mark.lean
class TestWasmWorker(WorkerContract):
    @pytest.fixture
    def worker(self, wasm_worker: Worker) -> Worker:
        return wasm_worker

    @pytest.fixture
    def fresh(self, wasm_worker: Worker) -> Worker:
        return wasm_worker


@pytest.fixture(scope="module")
def native(
    installed: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeBackend]:
    lean = stand_in_lean.make(tmp_path_factory.mktemp("toolchain") / "v4", installed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OUTERLOOP_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield NativeBackend(lean)


@pytest.fixture(scope="module")
def native_worker(native: NativeBackend) -> Iterator[Worker]:
    started = native.start()
    yield started
    started.close()


@pytest.mark.lean
class TestNativeWorker(WorkerContract):
    """Lean as WebAssembly behind the options of a native one, in every layer there is."""

    @pytest.fixture
    def worker(self, native_worker: Worker) -> Worker:
        return native_worker

    @pytest.fixture
    def fresh(self, native_worker: Worker) -> Worker:
        return native_worker

    def test_it_stands_in_bubblewrap_where_that_is_installed(self, native: NativeBackend) -> None:
        command = native.launch().command
        assert ("--unshare-all" in command) == ("bubblewrap" in layers())
