"""Count what is held, and tell how fresh it is."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.store.count_holdings import (
    AsideCount,
    SeriesCount,
    count_aside,
    count_records,
    count_series,
    last_measured_at,
    last_retrieved_at,
)


class Holdings(NamedTuple):
    """What is held. Instants are seconds since the epoch, UTC."""

    n_records: int
    last_retrieved_at: int | None
    series: list[SeriesCount]
    aside: list[AsideCount]
    last_measured_at: dict[str, int]
    """By label."""


def count_holdings(connection: Connection) -> Holdings:
    """Count it now."""
    return Holdings(
        n_records=count_records(connection),
        last_retrieved_at=last_retrieved_at(connection),
        series=count_series(connection),
        aside=count_aside(connection),
        last_measured_at=last_measured_at(connection),
    )
