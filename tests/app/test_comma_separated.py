"""CSV is the same over HTTP and on the command line."""

import csv
import io
from typing import Any

import pytest

from app.api.wire import csv_bytes
from app.cli.output import print_csv

COLUMNS = ("text", "truth", "words", "parts", "unknown")
ROWS: list[dict[str, Any]] = [
    {"text": 'a "b", c\r\nd', "truth": True, "words": ["x", "y"], "parts": [{"rtt": 1.5}], "unknown": None},
    {"text": "", "truth": False, "words": (), "parts": []},
]


def test_both_ways_out_write_the_same_bytes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Whoever scripts one can use the other."""
    print_csv(COLUMNS, ROWS)

    assert capsysbinary.readouterr().out == csv_bytes(COLUMNS, ROWS)


def test_a_cell_is_text_that_can_be_read_again() -> None:
    """Truth as in JSON, words by spaces, parts as JSON, nothing for what is unknown."""
    read = list(csv.DictReader(io.StringIO(csv_bytes(COLUMNS, ROWS).decode(), newline="")))

    assert read == [
        {"text": 'a "b", c\r\nd', "truth": "true", "words": "x y", "parts": '[{"rtt":1.5}]', "unknown": ""},
        {"text": "", "truth": "false", "words": "", "parts": "", "unknown": ""},
    ]
