"""The routes: Kimina's, with its forms, and our own, with whole verdicts."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import SecretStr

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.serving import kimina
from lean_sandbox.serving.admission import Admission, ClientGone, NoRoom, ServedPool
from lean_sandbox.serving.forms import BatchForm, BatchVerdicts, CheckForm, Condition
from lean_sandbox.serving.metrics import ServerMetrics
from lean_sandbox.serving.request_gate import KEY_SHOWN, Door
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict

_ABOUT = """Lean 4 verdicts on programs nobody trusts.

`/v1/check` and `/v1/check_many` give whole verdicts, with target and tests. `/api/check` and
`/verify` speak the forms of the Kimina Lean server. 503 means that there is no verdict, never that
a program is wrong: ask again after the seconds in `Retry-After`.
"""
_SHOWN_PROBLEMS = 10
_HUNG_UP = 499


@dataclass(frozen=True, slots=True)
class Application:
    """What a server runs, and the part of it that is told when to stop."""

    asgi: Door
    admission: Admission


class _Desk:
    """Hands requests to the pool, and puts what can go wrong there into HTTP's words."""

    def __init__(
        self, admission: Admission, metrics: ServerMetrics, settings: ServerSettings
    ) -> None:
        self._admission = admission
        self._metrics = metrics
        self._settings = settings

    async def verdicts(
        self, requests: Sequence[CheckRequest], timeout_seconds: float | None, http: Request
    ) -> list[Verdict]:
        """The verdicts on a request's programs."""
        if len(requests) > self._settings.max_programs:
            raise HTTPException(
                413,
                f"{len(requests):,} programs; at most {self._settings.max_programs:,} in one "
                "request, send fewer at once",
            )
        try:
            verdicts = await self._admission.verdicts(
                requests, timeout_seconds, gone=lambda: _hung_up(http)
            )
        except NoRoom as refusal:
            raise _unavailable(refusal.message, refusal.retry_seconds) from None
        except SandboxUnavailable as failure:
            raise _unavailable(f"no verdict exists: {failure}", 10) from None
        except ClientGone:
            raise HTTPException(_HUNG_UP) from None
        self._metrics.judged(verdicts)
        return verdicts


def build(
    pool: ServedPool, settings: ServerSettings, *, key: SecretStr | None, most_requests: int
) -> Application:
    """The application that answers from `pool`; without a key it answers only this machine."""
    admission = Admission(pool, settings, most_requests=most_requests)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pool.warm()
        yield

    app = FastAPI(title="outerloop lean serve", description=_ABOUT, lifespan=lifespan)
    keyed = APIRouter(dependencies=[Security(HTTPBearer(auto_error=False))] if key else [])
    paths = {"/", "/health", "/ready", "/metrics", "/docs", "/openapi.json", "/v1/check"}
    paths |= {"/v1/check_many", "/v1/status", "/api/check", "/verify", "/one_pass_verify_batch"}
    metrics = ServerMetrics(
        waiting=lambda: admission.waiting, status=pool.status, paths=frozenset(paths)
    )
    desk = _Desk(admission, metrics, settings)
    _add_own_routes(keyed, desk, pool, metrics)
    _add_kimina_routes(keyed, desk)
    app.include_router(keyed)
    _add_conditions(app, pool)
    app.add_exception_handler(RequestValidationError, _without_the_input)
    door = Door(app, settings=settings, key=key, admission=admission, metrics=metrics)
    return Application(door, admission)


def _add_own_routes(
    router: APIRouter, desk: _Desk, pool: ServedPool, metrics: ServerMetrics
) -> None:
    @router.post("/v1/check", tags=["verdicts"])
    async def check(form: CheckForm, http: Request) -> Verdict:
        """The verdict on one program."""
        return (await desk.verdicts([form.request()], form.timeout_seconds, http))[0]

    @router.post("/v1/check_many", tags=["verdicts"])
    async def check_many(form: BatchForm, http: Request) -> BatchVerdicts:
        """The verdicts on many programs, in their order."""
        requests = [program.request() for program in form.programs]
        verdicts = await desk.verdicts(requests, form.timeout_seconds, http)
        return BatchVerdicts(verdicts=verdicts, checked_by=pool.status().checked_by)

    @router.get("/v1/status", tags=["condition"])
    async def status() -> PoolStatus:
        """The pool of workers at this moment, and the fingerprint of its Lean."""
        return pool.status()

    @router.get("/metrics", tags=["condition"], response_class=PlainTextResponse)
    async def exposed() -> Response:
        """Counters and histograms for Prometheus."""
        return Response(metrics.exposed(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _add_kimina_routes(router: APIRouter, desk: _Desk) -> None:
    @router.post("/api/check", tags=["Kimina"], response_model_exclude_none=True)
    @router.post("/api/check/", include_in_schema=False, response_model_exclude_none=True)
    async def api_check(body: kimina.CheckBody, http: Request) -> kimina.CheckAnswer:
        """Kimina's route for snippets. Refused, undecided and timed out are errors in it."""
        verdicts = await desk.verdicts(body.requests(), float(body.timeout), http)
        return kimina.check_answer(body, verdicts)

    @router.post("/verify", tags=["Kimina"], response_model_exclude_none=True)
    @router.post(
        "/one_pass_verify_batch", include_in_schema=False, response_model_exclude_none=True
    )
    async def verify(body: kimina.VerifyBody, http: Request) -> kimina.VerifyAnswer:
        """Kimina's older route, for `proof` or `code`."""
        verdicts = await desk.verdicts(body.requests(), float(body.timeout), http)
        return kimina.verify_answer(body, verdicts)


def _add_conditions(app: FastAPI, pool: ServedPool) -> None:
    @app.get("/health", tags=["condition"])
    @app.get("/health/", include_in_schema=False)
    @app.get("/", include_in_schema=False)
    async def health() -> Condition:
        """Whether the server runs."""
        return Condition(status="ok")

    @app.get("/ready", tags=["condition"], responses={503: {"model": Condition}})
    async def ready(response: Response, http: Request) -> Condition:
        """Whether a Lean worker is up: it has started and judged three known programs rightly.

        What keeps it from that is told to those who show the key.
        """
        now = pool.status()
        if now.ready:
            return Condition(status="ok")
        response.status_code = 503
        response.headers["Retry-After"] = "2"
        if not http.scope[KEY_SHOWN]:
            return Condition(status="failing" if now.failure else "starting")
        return Condition(status=f"no Lean worker is up: {now.failure or 'one is being started'}")


async def _hung_up(http: Request) -> None:
    """Ends when the client has closed its connection; the request's body was read before."""
    while (await http.receive())["type"] != "http.disconnect":
        pass


def _unavailable(detail: str, retry_seconds: int) -> HTTPException:
    return HTTPException(503, detail, headers={"Retry-After": str(retry_seconds)})


async def _without_the_input(_: Request, failure: Exception) -> JSONResponse:
    """What does not fit the form, without sending the whole request back."""
    assert isinstance(failure, RequestValidationError)
    problems = [
        {"loc": list(problem["loc"]), "msg": problem["msg"], "type": problem["type"]}
        for problem in failure.errors()[:_SHOWN_PROBLEMS]
    ]
    return JSONResponse({"detail": problems}, status_code=422)
