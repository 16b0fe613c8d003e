"""Every row says as what it is held and when it came, itself or by the row that it belongs to."""

from sqlalchemy import Table

from app.store.tables import metadata, sources

SAYS = {"label", "data_class", "agreement_id", "retrieved_at"}


def told_by(table: Table) -> set[str]:
    """What the rows of a table say, they themselves or the rows they refer to."""
    said = {column.name for column in table.columns} & SAYS
    return said.union(*(told_by(key.column.table) for key in table.foreign_keys))


def test_rows_of_every_table_say_as_what_they_are_held_and_when_they_came() -> None:
    """A source is the one thing that is held as nothing: what came from it is."""
    silent = {table.name for table in metadata.sorted_tables if table is not sources and told_by(table) != SAYS}

    assert silent == {"series", "bins"}  # they have come at many instants, each told by their samples
