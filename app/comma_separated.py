"""CSV as every way out of the service writes it (RFC 4180)."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

import orjson


def write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows with a header, one at a time. What a row does not know is empty."""
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([as_cell(row.get(column)) for column in columns])


def as_cell(value: Any) -> Any:
    """A value as one cell: truth in lower case as in JSON, a list of words joined by spaces, other lists as JSON."""
    if isinstance(value, list | tuple):
        if all(isinstance(item, str | int) for item in value):
            return " ".join(map(str, value))
        return orjson.dumps(value).decode()
    if isinstance(value, bool):
        return str(value).lower()
    return value
