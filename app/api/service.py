"""What a request is handed: the database and the clock; one of each per service."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from app.api.telemetry import Telemetry
from app.store.migrate import reading_current
from measurements.clock import Clock


class Service(NamedTuple):
    """What one service is made of."""

    engine: Engine
    clock: Clock
    telemetry: Telemetry


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def read_connection(service: Annotated[Service, Depends(service_of)]) -> Iterator[Connection]:
    """The connection of one request: one snapshot at the revision this version needs; the database refuses a write."""
    with reading_current(service.engine) as connection:
        yield connection


TheService = Annotated[Service, Depends(service_of)]
ReadConnection = Annotated[Connection, Depends(read_connection)]
