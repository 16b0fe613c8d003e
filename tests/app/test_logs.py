"""Log lines of ours and of the libraries leave in one form, on the stream they were sent to."""

import io
import json
import logging

import pytest
import structlog

from app.logs import set_up_logs
from app.settings import LogFormat, LogLevel


@pytest.fixture
def stream() -> io.StringIO:
    """Where the lines go."""
    return io.StringIO()


def test_json_is_one_object_per_line(stream: io.StringIO) -> None:
    """A machine reads event, level, logger, time and fields."""
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    structlog.get_logger("rasad.ingest").info("file ingested", kept=3, path="запись.json")

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "file ingested",
        "kept": 3,
        "path": "запись.json",
        "level": "info",
        "logger": "rasad.ingest",
    }


def test_a_library_speaks_in_the_same_form(stream: io.StringIO) -> None:
    """The server and SQLAlchemy log through the standard library; their lines look like ours."""
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    logging.getLogger("uvicorn.error").info("started on port %d", 8000)

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["event"], line["logger"], line["level"]) == ("started on port 8000", "uvicorn.error", "info")


def test_an_exception_is_part_of_its_line(stream: io.StringIO) -> None:
    """No traceback is spread over lines that a machine cannot put together."""
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    try:
        json.loads("{")
    except ValueError:
        structlog.get_logger("rasad").exception("ingest stopped")

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line["exception"][0]["exc_type"] == "JSONDecodeError"


def test_the_console_form_is_for_reading(stream: io.StringIO) -> None:
    """Without a terminal there are no colour codes."""
    set_up_logs(LogLevel.INFO, LogFormat.CONSOLE, stream)

    structlog.get_logger("rasad").warning("file skipped", reason="no result in it")

    assert "file skipped" in stream.getvalue()
    assert "reason='no result in it'" in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_what_weighs_less_than_the_level_is_left_out(stream: io.StringIO) -> None:
    """`RASAD_LOG_LEVEL=warning` silences information, and the talkative libraries stay silent at any level."""
    set_up_logs(LogLevel.WARNING, LogFormat.JSON, stream)

    structlog.get_logger("rasad").info("not heard")
    logging.getLogger("alembic.runtime.migration").info("nor this")
    structlog.get_logger("rasad").warning("heard")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["heard"]


def test_setting_up_twice_does_not_double_the_lines(stream: io.StringIO) -> None:
    """A command that is called by another sets up again."""
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    structlog.get_logger("rasad").info("once")

    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_traceback_never_shows_what_was_at_hand(stream: io.StringIO, form: LogFormat) -> None:
    """Among it may be a key."""
    set_up_logs(LogLevel.DEBUG, form, stream)

    def fail(headers: dict[str, str]) -> None:
        raise RuntimeError(f"of {len(headers)} headers")

    try:
        fail({"Authorization": f"Key {'-'.join(('0' * 8, '1' * 4))}"})  # not written out: the source is shown as well
    except RuntimeError:
        logging.getLogger("apscheduler").exception("job failed")
        structlog.get_logger("rasad.worker").exception("task failed")

    assert stream.getvalue().count("of 1 headers") >= 2
    assert "00000000" not in stream.getvalue()
