"""Records for tests and benchmarks: of our laboratory, always at hand; of the open recordings, where they are."""

import gzip
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count, islice
from pathlib import Path

from app.specimens import LABORATORY_RESULTS

EDGE_CASES = Path(__file__).parent / "specimens" / "lab" / "edge-cases.ndjson.gz"
OPEN_RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "open"
MIX = {"ping": 60, "traceroute": 20, "dns": 20}
"""Of a hundred records, about as the platform's users see them."""
SEED = 2026
LAP_S = 7200
"""How far a lap through the same records is shifted: into other bins."""
_INSTANT = re.compile(rb'("(?:stored_)?timestamp":\s*)(\d+)')
_TYPE = re.compile(rb'"type":\s*"(\w+)"')


@cache
def laboratory() -> tuple[bytes, ...]:
    """2,249 results of a series, and 305 edge cases."""
    return (*_read(LABORATORY_RESULTS), *_read(EDGE_CASES))


@cache
def _open() -> tuple[bytes, ...]:
    return tuple(line for name in MIX for line in _read(OPEN_RECORDINGS / f"{name}.ndjson.gz"))


def source() -> str:
    """What `draw` draws from: `open` or `laboratory`."""
    return "open" if OPEN_RECORDINGS.is_dir() else "laboratory"


def draw(n: int, seed: int = SEED) -> list[bytes]:
    """`n` different records in the mix, in random order; shifted in time past their number. The seed decides."""
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    by_type = _by_type(_open() if OPEN_RECORDINGS.is_dir() else laboratory())
    drawn: list[bytes] = []
    for name, share in MIX.items():
        records = list(by_type[name])
        chance.shuffle(records)
        drawn += islice(laps(records), n * share // 100)
    chance.shuffle(drawn)
    return drawn


def laps(records: Sequence[bytes]) -> Iterator[bytes]:
    """The records, and the same later, and later, without end."""
    for lap in count():
        for record in records:
            yield shifted(record, lap * LAP_S) if lap else record


def shifted(record: bytes, seconds: int) -> bytes:
    """The record as if measured and stored so much later; everything else verbatim."""
    return _INSTANT.sub(lambda found: found[1] + b"%d" % (int(found[2]) + seconds), record)


def _read(path: Path) -> list[bytes]:
    with gzip.open(path) as lines:
        return [line.strip() for line in lines]


def _by_type(records: Sequence[bytes]) -> dict[str, list[bytes]]:
    grouped: dict[str, list[bytes]] = {name: [] for name in MIX}
    for record in records:
        found = _TYPE.search(record)
        assert found, record
        grouped[found[1].decode()].append(record)
    return grouped
