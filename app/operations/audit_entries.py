"""The audit trail in plain values: what entries say exactly as it is hashed, when in both zones, and what was found."""

from typing import Any

from measurements.agreements.audit import Entry, content_of, in_dushanbe, in_utc, readable, says
from measurements.agreements.chain import Findings
from measurements.agreements.checkpoints import on_the_wire


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


def findings_on_the_wire(findings: Findings) -> dict[str, Any]:
    """What a verification found, with every fault in words."""
    last = findings.last_checkpoint
    return {
        "is_intact": findings.is_intact,
        "n_entries": findings.n_entries,
        "head": readable(findings.head),
        "n_checkpoints": findings.n_checkpoints,
        "last_checkpoint": None if last is None else on_the_wire(last),
        "n_unsealed": findings.n_unsealed,
        "faults": [
            {
                "kind": fault.kind.value,
                "number": fault.number,
                "act": fault.act,
                **({"at_utc": None, "at_dushanbe": None} if fault.at is None else when(fault.at)),
                "says": fault.says,
            }
            for fault in findings.faults
        ],
    }


def when(at: int) -> dict[str, str]:
    """An instant by the clocks of both zones."""
    return {"at_utc": in_utc(at), "at_dushanbe": in_dushanbe(at)}


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    return {name: readable(value) if isinstance(value, str) else value for name, value in told.items()}
