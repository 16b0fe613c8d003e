"""What was held of probes before they were chosen from is known afterwards: the last word on each."""

from sqlalchemy import Engine, text

from app.store.engine import reading, writing
from app.store.migrate import downgrade, upgrade
from app.store.probes import list_probes
from measurements.results.outcome import Label

BEFORE = "0011"
ROW = (
    "INSERT INTO probe_snapshots (probe_id, observed_at, label, data_class, retrieved_at, source, asn_v4, country_code,"
    " is_anchor, status, body)"
    " VALUES (:id, :at, 'measured', 'public', 9, 'x', :asn, 'TJ', :is_anchor, 'Connected', :body)"
)


def test_the_last_word_on_each_probe_is_taken_over(engine: Engine, database_url: str) -> None:
    downgrade(database_url, BEFORE)
    is_anchor = True if engine.dialect.name == "postgresql" else 1
    with writing(engine) as connection:
        for probe_id, at, asn in ((1, 10, 24722), (1, 20, 43197), (2, 15, 24722)):
            row = {"id": probe_id, "at": at, "asn": asn, "is_anchor": is_anchor, "body": b""}
            connection.execute(text(ROW), row)
    upgrade(database_url)

    with reading(engine) as connection:
        known = list_probes(connection, Label.MEASURED)
    assert [(one.probe_id, one.observed_at, one.asn_v4, one.is_anchor, one.tags) for one in known] == [
        (1, 20, 43197, True, ()), (2, 15, 24722, True, ())
    ]  # fmt: skip
