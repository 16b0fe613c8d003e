"""`parse`: the only place that hands records to Sagan, and the only one that hears its exceptions."""

from typing import Any

from ripe.atlas.sagan import DnsResult, PingResult, TracerouteResult
from ripe.atlas.sagan import Result as SaganResult

from measurements.errors import UnreadableResult
from measurements.results.parsing.dns import read_dns
from measurements.results.parsing.fields import required, wrong_type
from measurements.results.parsing.heading import read_heading
from measurements.results.parsing.ping import read_ping
from measurements.results.parsing.sagan_speed import install
from measurements.results.parsing.traceroute import read_traceroute
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Result

UNSUPPORTED_TYPES = frozenset({"sslcert", "ntp", "http", "wifi"})
"""Types of result that RIPE Atlas offers and Rasad keeps, but does not read."""
_READERS = {
    "ping": (PingResult, read_ping),
    "traceroute": (TracerouteResult, read_traceroute),
    "dns": (DnsResult, read_dns),
}
_SILENTLY = {"on_error": SaganResult.ACTION_IGNORE, "on_malformation": SaganResult.ACTION_IGNORE}
install()


def parse(record: dict[str, Any]) -> Result:
    """The result that a record holds, understood and corrected.

    The record is not changed. Raises `UnreadableResult`, and nothing else, whatever comes in.
    """
    kind = required(record, "type")
    if type(kind) is not str:
        raise wrong_type("type", kind)
    try:
        sagan_class, read = _READERS[kind.lower()]
    except KeyError:
        raise UnreadableResult(QuarantineReason.UNKNOWN_TYPE, f"`type` is {kind[:50]!r}") from None
    heading = read_heading(record)
    try:
        # Sagan moves `qbuf` into the result; without one it leaves the record as it is.
        given = {key: value for key, value in record.items() if key != "qbuf"} if "qbuf" in record else record
        return read(heading, record, sagan_class(given, **_SILENTLY))
    except UnreadableResult:
        raise
    except Exception as error:  # Sagan raises whatever its coercions raise, not only its own
        raise UnreadableResult(QuarantineReason.PARSER_FAILED, f"{type(error).__name__}: {error}"[:500]) from error
