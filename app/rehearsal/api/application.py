"""The API as one ASGI application: which address is answered by whom."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.rehearsal.api import balances, measurements, participation, probes, results
from app.rehearsal.api.accounts import Accounts
from app.rehearsal.api.call import Handler, answered
from app.rehearsal.api.envelope import Refused, failure, method_not_allowed, not_found, refusal
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.stream import stream

ROOT = "/api/v2"
TYPES = ("ping", "traceroute", "dns", "sslcert", "ntp", "http")


def routes() -> dict[str, dict[str, Handler]]:
    """Handlers by path, without the slash at its end, and method."""
    return {
        "/measurements": {"GET": measurements.list_all, "POST": measurements.create_some},
        "/measurements/my": {"GET": measurements.list_mine, "POST": measurements.create_some},
        "/measurements/{type:measurement_type}": {"GET": measurements.list_all, "POST": measurements.create_some},
        "/measurements/{id}": {
            "GET": measurements.show,
            "PATCH": measurements.change,
            "PUT": measurements.change,
            "DELETE": measurements.stop,
        },
        "/measurements/{id}/results": {"GET": results.results},
        "/measurements/{id}/latest": {"GET": results.latest},
        "/measurements-latest/{id}": {"GET": results.latest},
        "/measurements/{id}/participation-requests": {
            "GET": participation.list_requests,
            "POST": participation.add_requests,
        },
        "/participation-requests/{id}": {"GET": participation.show_request},
        "/participation-requests/{id}/logs": {"GET": participation.show_logs},
        "/probes": {"GET": probes.list_probes},
        "/probes/tags": {"GET": probes.list_tags},
        "/probes/{id}": {"GET": probes.show_probe},
        "/probes/{id}/measurements": {"GET": probes.probe_measurements},
        "/anchors": {"GET": probes.list_anchors},
        "/anchors/{id}": {"GET": probes.show_anchor},
        "/anchor-measurements": {"GET": probes.list_anchor_measurements},
        "/anchor-measurements/{id}": {"GET": probes.show_anchor_measurement},
        "/credits": {"GET": balances.show_credits},
        "/credits/income-items": {"GET": balances.list_income},
        "/credits/expense-items": {"GET": balances.list_expenses},
        "/credits/transactions": {"GET": balances.list_transactions},
    }


class _MeasurementType(Convertor[str]):
    """A type in a path."""

    regex = "|".join(TYPES)

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is."""
        return value


register_url_convertor("measurement_type", _MeasurementType())


def api(platform: Platform) -> ASGIApp:
    """The API under /api/v2, with a slash at the end of every address or without."""
    accounts = Accounts(platform)
    found = [
        Route(f"{ROOT}{path}", answered(platform, accounts, handlers), methods=[*handlers, "OPTIONS"])
        for path, handlers in routes().items()
    ]
    found_stream = WebSocketRoute("/stream", stream(platform))
    handlers = {Refused: _refuse, HTTPException: _refuse_as_starlette_would, Exception: failure}
    return WithoutSlash(Starlette(routes=[*found, found_stream], exception_handlers=handlers))


class WithoutSlash:
    """Takes the slash off the end of a path, so that both forms are one, and nothing is redirected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)


def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return refusal(error)


def _refuse_as_starlette_would(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return refusal(method_not_allowed(request.method), error.headers)
    return refusal(not_found())
