"""How answers are shown: tables for people, CSV, JSON and one object per line for programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import orjson
import typer
from rich.console import Console
from rich.table import Table

from app.cli.context import errors
from app.comma_separated import as_cell, write_csv

TABLE_ROWS = 50
"""More rows of a long list are shown only when asked for."""
UNLIMITED = 10_000
"""Columns of a pipe: as many as a table needs."""
LEAST_PROSE = 14
"""Columns that text needs at least to be read."""


class Column(NamedTuple):
    """A column of a table for people."""

    name: str
    """Of the value, on the wire."""
    is_prose: bool = False
    """Text that may be broken between words."""
    is_spared: bool = False
    """Left out where the terminal is too narrow for all."""
    is_lifted: bool = False
    """Told once, in the title, where it is the same in all rows."""
    is_always: bool = False
    """Shown even when it is empty throughout."""

    @property
    def heading(self) -> str:
        """In words."""
        return self.name.replace("_", " ")


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


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


AsListFormat = Annotated[ListFormat, typer.Option("--format", help="table, ndjson or csv.")]
AtMost = Annotated[
    int | None, typer.Option("--limit", min=1, help=f"At most so many; a table shows {TABLE_ROWS} unless given.")
]


def print_json(answer: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_ndjson(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object per line."""
    for row in rows:
        sys.stdout.write(orjson.dumps(row).decode() + "\n")


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """CSV on standard output."""
    write_csv(sys.stdout, columns, rows)


def print_table(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], title: str = "", *, if_none: str = ""
) -> int:
    """A table that fits the terminal without breaking a value; gives the number of rows.

    Where there are none, nothing is on standard output, and `if_none` says so beside it, and what to do next.

    Columns that are empty throughout are left out, and what is the same in all rows may go into the title. On a narrow
    terminal columns that can be spared go, the last first, and a line says which.
    """
    held = list(rows)
    if not held and if_none:
        errors.print(if_none, markup=False)
        return 0
    shown = [
        column for column in columns if column.is_always or any(not _is_empty(row.get(column.name)) for row in held)
    ]
    lifted = [
        column for column in shown if column.is_lifted and len({_shown(row.get(column.name)) for row in held}) == 1
    ]
    heading = [title, *(f"{column.heading} {_shown(held[0].get(column.name))}" for column in lifted)]
    shown = [column for column in shown if column not in lifted]
    console = Console(highlight=False, markup=False)
    spared: list[str] = []
    while console.is_terminal and _least_width(console, shown, held) > console.width:
        last = next((column for column in reversed(shown) if column.is_spared), None)
        if last is None:
            break
        shown.remove(last)
        spared.insert(0, last.heading)
    table = _table(shown, held)
    if not console.is_terminal:
        console.width = console.measure(table, options=console.options.update(width=UNLIMITED)).maximum
    console.width = max(console.width, _least_width(console, shown, held))
    if heading := [part for part in heading if part]:
        console.print(" · ".join(heading), style="italic", soft_wrap=not console.is_terminal)
    console.print(table)
    if spared:
        console.print(f"not shown, for lack of room: {', '.join(spared)}", style="italic")
    return len(held)


def print_list(
    name: str,
    columns: Sequence[Column],
    entries: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    if_none: str,
    title: str = "",
) -> None:
    """A list under its name: one JSON object, or a table."""
    if as_json:
        print_json({name: entries})
    else:
        print_table(columns, entries, title or name, if_none=if_none)


def _table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], prose_width: int | None = None) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        is_number = any(isinstance(row.get(column.name), int | float) for row in rows)
        table.add_column(
            # headings break between words, values never do; prose does
            column.heading if column.is_prose else column.heading.replace(" ", "\n"),
            no_wrap=not column.is_prose,
            min_width=LEAST_PROSE if column.is_prose else None,
            width=prose_width if column.is_prose else None,
            overflow="fold",
            justify="right" if is_number else "left",
        )
    for row in rows:
        table.add_row(*(_shown(row.get(column.name)) for column in columns))
    return table


def _least_width(console: Console, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> int:
    """How wide the terminal must be for the values to stay whole, with prose as narrow as can be."""
    table = _table(columns, rows, LEAST_PROSE)
    return console.measure(table, options=console.options.update(width=UNLIMITED)).minimum


def _is_empty(value: Any) -> bool:
    return value is None or value in ([], (), "")


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(as_cell(value))
