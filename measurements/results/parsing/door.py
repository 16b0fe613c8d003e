"""`parse`: the way in, and the only place that hears the exceptions of Sagan."""

from typing import Any

from measurements.errors import UnreadableResult
from measurements.results.parsing.dns import read_dns
from measurements.results.parsing.fields import required, wrong_type
from measurements.results.parsing.heading import read_heading
from measurements.results.parsing.ping import read_ping
from measurements.results.parsing.traceroute import read_traceroute
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Result

UNSUPPORTED_TYPES = frozenset({"sslcert", "ntp", "http", "wifi"})
"""Types of result that RIPE Atlas offers and Rasad keeps, but does not read."""
_READERS = {"ping": read_ping, "traceroute": read_traceroute, "dns": read_dns}


def parse(record: dict[str, Any]) -> Result:
    """The result that a record holds, understood and corrected.

    The record is not changed. Raises `UnreadableResult`, and nothing else, whatever comes in.
    """
    kind = required(record, "type")
    if type(kind) is not str:
        raise wrong_type("type", kind)
    try:
        read = _READERS[kind.lower()]
    except KeyError:
        raise UnreadableResult(QuarantineReason.UNKNOWN_TYPE, f"`type` is {kind[:50]!r}") from None
    heading = read_heading(record)
    try:
        return read(heading, record)
    except UnreadableResult:
        raise
    except Exception as error:  # Sagan raises whatever its coercions raise, not only its own
        raise UnreadableResult(QuarantineReason.PARSER_FAILED, f"{type(error).__name__}: {error}"[:500]) from error
