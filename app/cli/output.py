"""How answers are shown: tables for people, CSV, JSON and one object per line for programs."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

FROM_HELP = "Start, inclusive: 2026-11-23 or an instant with its zone."
UNLIMITED = 10_000
"""Columns of a pipe: as many as a table needs."""


class Format(StrEnum):
    """What `--format` may ask of a series."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ListFormat(StrEnum):
    """What `--format` may ask of a list."""

    TABLE = "table"
    NDJSON = "ndjson"
    CSV = "csv"


def print_json(answer: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_ndjson(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object per line."""
    for row in rows:
        sys.stdout.write(orjson.dumps(row).decode() + "\n")


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """CSV with a header (RFC 4180). Unknown is empty; a list of words is joined by spaces, other lists are JSON."""
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str | None = None) -> int:
    """A table without the columns that are empty throughout; gives the number of rows."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    held = [[row.get(column) for column in columns] for row in rows]
    shown = [i for i in range(len(columns)) if any(row[i] not in (None, [], ()) for row in held)]
    for i in shown:
        name = columns[i]
        is_number = any(isinstance(row[i], int | float) for row in held)
        # a header may break between words, a value only where it must
        table.add_column(name.replace("_", " "), overflow="fold", justify="right" if is_number else "left")
    for row in held:
        table.add_row(*(_shown(row[i]) for i in shown))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = console.measure(table, options=console.options.update(width=UNLIMITED)).maximum
    console.print(table)
    return len(held)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if all(isinstance(item, str | int) for item in value):
            return " ".join(map(str, value))
        return orjson.dumps(value).decode()
    if isinstance(value, bool):
        return str(value).lower()
    return value


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(_cell(value))
