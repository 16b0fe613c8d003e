"""Whom the data are from: the one text that pages, answers and files show (domain sheet, section 6)."""

from collections.abc import Iterable
from datetime import date

SOURCE = (
    "Contains data from RIPE Atlas and RIPEstat, services of the RIPE NCC "
    "(https://atlas.ripe.net, https://stat.ripe.net)"
)
WHOSE = (
    "Analysis by the parties of the memorandum of understanding; it represents no official position of any of them, "
    "and comes without warranty."
)


def attribution(atlas_ids: Iterable[int] = (), first_on: date | None = None, last_on: date | None = None) -> str:
    """Names the services; and the measurements and the days of retrieval, UTC, where they are known."""
    days = [on.isoformat() for on in (first_on, last_on) if on is not None]
    retrieved = f", retrieved {' to '.join(dict.fromkeys(days))}" if days else ""
    numbers = ", ".join(map(str, sorted(set(atlas_ids))))
    which = f" Measurement IDs: {numbers}." if numbers else ""
    return f"{SOURCE}{retrieved}.{which} {WHOSE}"


ATTRIBUTION = attribution()
"""Where nothing is said of single measurements."""
