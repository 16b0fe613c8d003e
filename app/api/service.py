"""What a request is handed: the database and the clock; one of each per service."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from app.api.telemetry import Telemetry
from app.store.engine import reading
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
    """The connection of one request: one snapshot, and a write in it is refused by the database."""
    with reading(service.engine) as connection:
        yield connection


TheService = Annotated[Service, Depends(service_of)]
ReadConnection = Annotated[Connection, Depends(read_connection)]
