"""Calls of a pool that are interrupted, cancelled or come in thousands."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from lean_sandbox import pool as pool_module
from lean_sandbox.pool import LeanPool
from lean_sandbox.verdict import Verdict
from tests.lean_sandbox_tests.scripted import PATIENCE_SECONDS, Gate, Starter, request


def test_an_interrupted_call_drops_its_waiting_programs() -> None:
    gate = Gate()
    starter = Starter({"+ 9": gate})

    def interrupt() -> None:
        assert gate.entered.wait(PATIENCE_SECONDS)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    with LeanPool(workers=1, start_worker=starter) as pool:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            pool.check_many([request(9), *map(request, range(50))])
        assert pool.status().waiting == 0
        gate.opened.set()
        assert pool.check_many([request(1)])[0].accepted
    assert len(starter.workers[0].checked) == 2


def test_a_cancelled_task_drops_its_waiting_programs_and_others_go_on() -> None:
    gate = Gate()
    starter = Starter({"+ 9": gate})

    async def scenario(pool: LeanPool) -> list[Verdict]:
        dropped = asyncio.create_task(
            pool.check_many_async([request(9), *map(request, range(50))])
        )
        assert await asyncio.to_thread(gate.entered.wait, PATIENCE_SECONDS)
        kept = asyncio.create_task(pool.check_many_async([request(1), request(2)]))
        await asyncio.sleep(0)
        dropped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dropped
        assert pool.status().waiting == 2
        gate.opened.set()
        return await kept

    with LeanPool(workers=1, start_worker=starter) as pool:
        said = asyncio.run(scenario(pool))
    assert [v.accepted for v in said] == [True, False]
    assert len(starter.workers[0].checked) == 3
    assert len(starter.workers) == 1


def test_a_cancelled_program_that_has_run_for_long_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "_WORTH_KILLING_SECONDS", 0.05)
    gate = Gate()
    starter = Starter({"+ 9": gate})

    async def scenario(pool: LeanPool) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await pool.check_many_async([request(9)])

    with LeanPool(workers=1, start_worker=starter) as pool:
        asyncio.run(scenario(pool))
        assert pool.check_many([request(1)])[0].accepted
        assert pool.status().kills == 1
    assert starter.workers[0].interrupted.is_set()


def test_ten_thousand_calls_at_once_are_each_answered() -> None:
    async def scenario(pool: LeanPool) -> list[list[Verdict]]:
        return await asyncio.gather(*(pool.check_many_async([request(n)]) for n in range(10_000)))

    with LeanPool(workers=2, start_worker=Starter()) as pool:
        said = asyncio.run(scenario(pool))
        assert pool.status().checked == 10_000
    assert [v.accepted for (v,) in said] == [n == 1 for n in range(10_000)]


def test_ten_thousand_calls_dropped_at_once_leave_an_idle_pool() -> None:
    gate = Gate()

    async def scenario(pool: LeanPool) -> None:
        first = asyncio.create_task(pool.check_many_async([request(99999)]))
        assert await asyncio.to_thread(gate.entered.wait, PATIENCE_SECONDS)
        tasks = [asyncio.create_task(pool.check_many_async([request(n)])) for n in range(10_000)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        gate.opened.set()
        await first

    with LeanPool(workers=1, start_worker=Starter({"99999": gate})) as pool:
        asyncio.run(scenario(pool))
        assert pool.status().waiting == 0
        assert pool.check_many([request(1)])[0].accepted


def test_an_event_loop_that_is_gone_stops_nobody() -> None:
    gate = Gate()

    async def leave(pool: LeanPool) -> None:
        task = asyncio.create_task(pool.check_many_async([request(9)]))
        assert await asyncio.to_thread(gate.entered.wait, PATIENCE_SECONDS)
        task.cancel()

    with LeanPool(workers=1, start_worker=Starter({"+ 9": gate})) as pool:
        asyncio.run(leave(pool))
        gate.opened.set()
        assert pool.check_many([request(1)])[0].accepted
