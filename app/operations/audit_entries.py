"""An entry of the audit trail in plain values: what it says exactly as it is hashed, and when in both zones."""

from typing import Any

from measurements.agreements.audit import Entry, content_of, in_dushanbe, in_utc, readable, says


def entry_on_the_wire(entry: Entry) -> dict[str, Any]:
    """Flat, for lists."""
    told = _readable(entry._asdict())
    del told["number"], told["at"]
    return {"number": entry.number, **when(entry.at), **told}


def entry_with_its_proof(entry: Entry) -> dict[str, Any]:
    """`says` gives `content`, and that with its place gives `hash`, as measurements/agreements/audit.py describes."""
    return {
        "number": entry.number,
        **when(entry.at),
        "says": _readable(says(entry)),
        "content": content_of(entry),
        "previous": readable(entry.previous),
        "hash": readable(entry.hash),
    }


def when(at: int) -> dict[str, str]:
    """An instant by the clocks of both zones."""
    return {"at_utc": in_utc(at), "at_dushanbe": in_dushanbe(at)}


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    return {name: readable(value) if isinstance(value, str) else value for name, value in told.items()}
