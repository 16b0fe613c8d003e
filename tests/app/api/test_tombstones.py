"""What was erased, over HTTP: page by page, for those who read the audit."""

import pytest
from sqlalchemy import Engine

from app.api.schemas.tombstones import TombstonePage
from app.store.engine import writing
from app.store.tombstones import add_tombstone
from measurements.agreements.retention import Tombstone, day_of
from tests.app.api.asking import Asker, Askers

TOMBSTONES = "/api/v1/tombstones"
STONE = Tombstone(3, 1, "measured", 20_000_001, "probe_level", *day_of(1_780_000_000), 24, "0" * 64, 30, "as_agreed", 9)


@pytest.mark.acceptance("agreement.4")
def test_tombstones_are_listed_page_by_page(engine: Engine, ours: Asker) -> None:
    """Of what was erased no more than that it was, and why."""
    with writing(engine) as connection:
        for n_records in (24, 48):
            add_tombstone(connection, STONE._replace(n_records=n_records), [b"digest of a one."])

    first = ours.get(TOMBSTONES, limit="1").json()
    second = ours.get(TOMBSTONES, limit="1", cursor=first["next_cursor"])
    TombstonePage.model_validate_json(second.content)
    [newer], [older] = first["tombstones"], second.json()["tombstones"]

    assert (newer["number"], newer["n_records"], newer["erased_at"]) == (2, 48, "1970-01-01T00:00:09Z")
    assert (older["number"], older["n_records"], older["why"]) == (1, 24, "as_agreed")
    assert second.json()["next_cursor"] is None
    assert newer.keys() == {"number", *Tombstone._fields}


def test_they_are_not_everybodys(askers: Askers) -> None:
    assert askers.one("analyst").get(TOMBSTONES).status_code == 403
