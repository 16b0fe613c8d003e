"""What a raw record says: read, or put aside with a reason. Never raises, whatever comes in."""

import re
from typing import Any, NamedTuple

import orjson

from measurements.errors import UnreadableResult
from measurements.results.boundaries import RESULT_KEYS
from measurements.results.identity import label_for, record_digest
from measurements.results.outcome import Label, RecordStatus
from measurements.results.parsing import UNSUPPORTED_TYPES, parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Result
from measurements.results.splitting import MAX_RECORD_BYTES
from measurements.units import LATEST_INSTANT

MAX_INTEGER = 2**53
"""Above it, JSON numbers are no longer exact (RFC 8259, section 6)."""
MAX_NAME_LENGTH = 255
"""Longest domain name (RFC 1035, section 2.3.4)."""

MAX_EXCERPT_LENGTH = 100
_PROBE_ID = re.compile(rb'"prb_id"\s*:\s*"?(\d{1,15})')


class Reading(NamedTuple):
    """A record, as far as it could be understood. Instants are seconds since the epoch, UTC."""

    status: RecordStatus
    label: Label
    reason: str | None = None
    detail: str | None = None
    type: str | None = None
    atlas_id: int | None = None
    probe_id: int | None = None
    measured_at: int | None = None
    stored_at: int | None = None
    digest: bytes = b""
    """Empty until the record is known to be a result."""
    result: Result | None = None


def read_record(body: bytes, asked: Label) -> Reading:
    """Read one record as it stood in a file, a stream or an answer; `asked` is the label its source gives it.

    What is read depends on the bytes alone: how they were delivered may differ from one time to the next.
    """
    try:
        record = _decode(body)
    except UnreadableResult as error:
        return _aside(Reading(RecordStatus.QUARANTINED, _label_of_damaged(body, asked)), error)
    probe_id = _whole(record, "prb_id")
    reading = Reading(
        status=RecordStatus.KEPT,
        label=label_for(probe_id, asked) if probe_id is not None else _label_of_damaged(body, asked),
        type=_type(record),
        atlas_id=_whole(record, "msm_id"),
        probe_id=probe_id,
        measured_at=_whole(record, "timestamp", LATEST_INSTANT),
        stored_at=_whole(record, "stored_timestamp", LATEST_INSTANT),
    )
    try:
        return _interpret(reading, record)
    except UnreadableResult as error:
        return _aside(reading, error)


def looks_like_result(body: bytes) -> bool:
    """Whether a record is a result, or the remains of one; tells recordings from indexes and notes."""
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError:
        return b'"msm_id"' in body and b'"prb_id"' in body and b'"timestamp"' in body
    return isinstance(record, dict) and record.keys() >= RESULT_KEYS


def _decode(body: bytes) -> dict[str, Any]:
    if len(body) >= MAX_RECORD_BYTES:
        raise UnreadableResult(QuarantineReason.TOO_LARGE, f"{MAX_RECORD_BYTES} bytes or more")
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _not_json(body, error) from error
    if not isinstance(record, dict):
        raise UnreadableResult(QuarantineReason.NOT_AN_OBJECT, f"a JSON {type(record).__name__}, not an object")
    return record


def _unusable(record: dict[str, Any], key: str) -> UnreadableResult:
    """Why a field that every result has cannot be used."""
    if key not in record:
        return UnreadableResult(QuarantineReason.NOT_A_RESULT, f"`{key}` is missing")
    is_number = type(record[key]) is int
    reason = QuarantineReason.IMPOSSIBLE_VALUE if is_number else QuarantineReason.WRONG_TYPE
    return UnreadableResult(reason, f"`{key}` is {_excerpt(record[key])}")


def _label_of_damaged(body: bytes, asked: Label) -> Label:
    """Whose probe it is decides even where nothing but its number can be read, whatever that is written as."""
    found = _PROBE_ID.search(body)
    return label_for(int(found[1]), asked) if found else asked


def _not_json(body: bytes, error: orjson.JSONDecodeError) -> UnreadableResult:
    """Truncated is what is faultless as far as it goes, even if it ends within a character."""
    try:
        text = body.decode()
    except UnicodeDecodeError as damage:
        is_cut_within = damage.end == len(body) and damage.reason == "unexpected end of data"
        if is_cut_within and _is_cut_off(body[: damage.start]):
            return UnreadableResult(QuarantineReason.TRUNCATED, f"ends within a character, at byte {damage.start}")
        return UnreadableResult(QuarantineReason.NOT_JSON, f"no text (UTF-8) from byte {damage.start} on")
    is_cut_off = error.pos >= len(text)
    return UnreadableResult(QuarantineReason.TRUNCATED if is_cut_off else QuarantineReason.NOT_JSON, str(error))


def _is_cut_off(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return error.pos >= len(body.decode())
    return False


def _interpret(reading: Reading, record: dict[str, Any]) -> Reading:
    for key, value in (
        ("msm_id", reading.atlas_id),
        ("prb_id", reading.probe_id),
        ("timestamp", reading.measured_at),
        ("type", reading.type),
    ):
        if value is None:
            raise _unusable(record, key)
    try:
        digest = record_digest(record)
    except orjson.JSONEncodeError as error:
        raise UnreadableResult(QuarantineReason.WRONG_TYPE, f"cannot be written back as JSON: {error}") from error
    if reading.type in UNSUPPORTED_TYPES:
        return reading._replace(status=RecordStatus.UNSUPPORTED, digest=digest)
    result = parse(record)
    if max(len(result.target or ""), len(result.destination or "")) > MAX_NAME_LENGTH:
        raise UnreadableResult(QuarantineReason.WRONG_TYPE, f"a target longer than {MAX_NAME_LENGTH} characters")
    return reading._replace(digest=digest, result=result)


def _aside(reading: Reading, error: UnreadableResult) -> Reading:
    return reading._replace(
        status=RecordStatus.QUARANTINED, reason=str(error.reason), detail=storable(error.detail)[:1000]
    )


def storable(text: str) -> str:
    """The text without the one character that a database text cannot hold."""
    return text.replace("\x00", "\\000") if "\x00" in text else text


def _whole(record: dict[str, Any], key: str, limit: int = MAX_INTEGER) -> int | None:
    value = record.get(key)
    return value if type(value) is int and 0 <= value <= limit else None


def _type(record: dict[str, Any]) -> str | None:
    value = record.get("type")
    return storable(value.lower())[:50] if isinstance(value, str) else None


def _excerpt(value: object) -> str:
    if isinstance(value, dict | list):
        return f"a JSON {'object' if isinstance(value, dict) else 'array'}"
    text = repr(value)
    return text if len(text) <= MAX_EXCERPT_LENGTH else f"{text[:MAX_EXCERPT_LENGTH]}…"
