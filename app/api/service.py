"""What a request is handed: the database and the clock; one of each per service."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from app.api.limiting import Allowance
from app.api.telemetry import Telemetry
from app.dependencies import atlas_label
from app.settings import Settings
from app.store.engine import Transaction, transactions
from app.store.migrate import reading_current
from measurements.clock import Clock
from measurements.results.outcome import Label


class Service(NamedTuple):
    """What one service is made of."""

    settings: Settings
    engine: Engine
    clock: Clock
    telemetry: Telemetry
    allowance: Allowance

    @property
    def label(self) -> Label:
        """Of what is dispatched from here: `measured` on RIPE Atlas, or `rehearsed`."""
        return atlas_label(self.settings)

    def now_at(self) -> int:
        """The current instant, seconds since the epoch."""
        return int(self.clock.now().timestamp())

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A unit of work that only reads."""
        return reading_current(self.engine)

    @property
    def transaction(self) -> Transaction:
        """Units of work that write."""
        return transactions(self.engine)


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def read_connection(service: Annotated[Service, Depends(service_of)]) -> Iterator[Connection]:
    """The connection of one request: one snapshot at the revision this version needs; the database refuses a write."""
    with service.snapshot() as connection:
        yield connection


TheService = Annotated[Service, Depends(service_of)]
ReadConnection = Annotated[Connection, Depends(read_connection)]
