"""`/rehearsal/…`: what a test or a teacher asks of the rehearsal itself, beside the API and without a key."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.rehearsal.api.entries import Span
from app.rehearsal.api.platform import Platform
from app.rehearsal.clock import VirtualClock
from app.rehearsal.faults.injector import Injector
from app.rehearsal.faults.plan import UnusablePlan, read_plan
from app.rehearsal.ledger import ledger
from app.rehearsal.traffic import Traffic
from app.rehearsal.waiting import wait_until

ROOT = "/rehearsal"
Instant = Annotated[float, Field(ge=0, le=2**40)]
Participant = Annotated[str, Field(min_length=1, max_length=200)]
_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
Lease = Annotated[float, Field(gt=0, le=3600)]


def _between_commas(given: Any) -> Any:
    return given.split(",") if isinstance(given, str) else given


class Controlled(NamedTuple):
    """What can be asked and changed. `epoch` is when the rehearsal began, unix seconds."""

    platform: Platform
    clock: VirtualClock
    injector: Injector
    traffic: Traffic
    epoch: int


class Waiting(BaseModel):
    """A participant has nothing to do until an instant."""

    participant: Participant
    until: Instant
    lease_s: Lease | None = None


class Leaving(BaseModel):
    """A participant takes no further part."""

    participant: Participant


class Setting(BaseModel):
    """Another speed; or a jump to an instant, or by so many seconds."""

    speed: Annotated[float, Field(ge=0, le=10**6)] | None = None
    to: Instant | None = None
    by: Annotated[float, Field(ge=0, le=2**32)] | None = None


class Asked(BaseModel):
    """Which results: measured from … to …, stored until …, of these probes or of all; identities, or whole lines."""

    msm: int
    start: Annotated[int | None, Field(default=None, alias="from")]
    stop: Annotated[int | None, Field(default=None, alias="to")]
    until: int | None = None
    probe_ids: Annotated[frozenset[int] | None, BeforeValidator(_between_commas)] = None
    format: Annotated[str, Field(pattern="^(identity|lines)$")] = "identity"


def control(controlled: Controlled) -> Starlette:
    """The application under /rehearsal."""
    rooms = _Rooms(controlled)
    routes = [
        Route(f"{ROOT}/clock", rooms.show_clock, methods=["GET"]),
        Route(f"{ROOT}/clock", rooms.set_clock, methods=["PUT"]),
        Route(f"{ROOT}/clock/advance", rooms.set_clock, methods=["POST"]),
        Route(f"{ROOT}/clock/wait", rooms.wait, methods=["POST"]),
        Route(f"{ROOT}/clock/leave", rooms.leave, methods=["POST"]),
        Route(f"{ROOT}/ledger", rooms.show_ledger, methods=["GET"]),
        Route(f"{ROOT}/faults", rooms.show_faults, methods=["GET"]),
        Route(f"{ROOT}/faults", rooms.set_faults, methods=["PUT"]),
        Route(f"{ROOT}/requests", rooms.show_requests, methods=["GET"]),
        Route(f"{ROOT}/requests", rooms.forget_requests, methods=["DELETE"]),
    ]
    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        ValidationError: _misunderstood,
        UnusablePlan: _misunderstood,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


async def _misunderstood(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 422)


class _Silence(Response):
    """For one who has broken the connection off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say nothing."""


class _Rooms:
    """The handlers."""

    def __init__(self, controlled: Controlled) -> None:
        self._platform, self._clock, self._injector, self._traffic, self._epoch = controlled

    async def show_clock(self, request: Request) -> Response:
        """Virtual now, and who takes part. With `participant`, that one is alive and busy."""
        if name := request.query_params.get("participant"):
            self._clock.touch(Leaving(participant=name).participant)
        now = self._clock.settle()
        participants = self._clock.participants()
        return JSONResponse({"now": now, "speed": self._clock.speed, "participants": participants})

    async def set_clock(self, request: Request) -> Response:
        """Another speed, or a jump."""
        asked = Setting.model_validate_json(await request.body())
        if asked.speed is not None:
            self._clock.set_speed(asked.speed)
        now = self._clock.now()
        if asked.to is not None or asked.by is not None:
            now = self._clock.advance(asked.to if asked.to is not None else now + (asked.by or 0))
        return JSONResponse({"now": now, "speed": self._clock.speed})

    async def wait(self, request: Request) -> Response:
        """Answers once it is time, unless the participant is gone."""
        asked = Waiting.model_validate_json(await request.body())
        now = await wait_until(self._clock, asked.participant, asked.until, asked.lease_s, request.receive)
        return _Silence() if now is None else JSONResponse({"now": now})

    async def leave(self, request: Request) -> Response:
        """A participant is gone."""
        self._clock.leave(Leaving.model_validate_json(await request.body()).participant)
        return JSONResponse({"now": self._clock.settle()})

    def show_ledger(self, request: Request) -> Response:
        """Every result that reached the platform, a line each."""
        asked = Asked.model_validate(dict(request.query_params))
        entry = self._platform.find(asked.msm)
        if entry is None:
            return JSONResponse({"detail": f"there is no measurement {asked.msm}"}, 404)
        now = self._platform.now()
        until = now if asked.until is None else min(asked.until, now)
        start = entry.first_instant(now) if asked.start is None else asked.start
        span = Span(start, now if asked.stop is None else asked.stop, now, asked.probe_ids)
        found = ledger(self._platform.faults, entry, span, until)
        lines = (name.encode() + b"\n" if asked.format == "identity" else body + b"\n" for name, body in found)
        return StreamingResponse(lines, media_type="text/plain")

    async def show_faults(self, _request: Request) -> Response:
        """The plans, and what they did so far."""
        return JSONResponse(self._told())

    async def set_faults(self, request: Request) -> Response:
        """Another plan from now on."""
        given = _ANYTHING.validate_json(await request.body())
        self._injector.change(read_plan(given, self._epoch))
        return JSONResponse(self._told())

    def _told(self) -> dict[str, Any]:
        probes = self._platform.world.probes(self._platform.now())
        return self._injector.injected([body["id"] for body in probes])

    async def show_requests(self, _request: Request) -> Response:
        """How often each address was called, by method and status."""
        return JSONResponse(self._traffic.counts())

    async def forget_requests(self, _request: Request) -> Response:
        """Count from here."""
        self._traffic.forget()
        return JSONResponse({})
