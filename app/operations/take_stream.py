"""Take results from the stream as they come. It only hurries: no watermark moves, and the poll finds what it lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from sqlalchemy import Connection

from app.operations.fetch_window import Fetched, Fetcher
from app.operations.require_agreed import NotYetAgreed, Wanted, require_agreed
from app.store.followed import Followed, list_followed
from measurements.atlas.gateway import AtlasGateway, ResultStream, Subscription
from measurements.results.outcome import Label

BATCH_RECORDS = 500
QUIET_S = 2.0
"""A batch is written when nothing came for so long."""
REMEMBERED = 50_000
"""Lines: some 5 MB. A stream's backlog is a day of what is followed."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What a stream brought of late: after every interruption it brings the same again."""

    digests: dict[bytes, None] = field(default_factory=dict)

    def has(self, line: bytes) -> bool:
        """Whether it was written already, byte for byte."""
        return _digest(line) in self.digests

    def add(self, lines: Iterable[bytes]) -> None:
        """They are written."""
        self.digests.update((_digest(line), None) for line in lines)
        for oldest in list(self.digests)[: max(0, len(self.digests) - REMEMBERED)]:
            del self.digests[oldest]


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).digest()


def wanted_of_stream(connection: Connection, atlas: AtlasGateway, label: Label, now: int) -> list[Subscription]:
    """What to subscribe to: everything followed that is not settled, and that may be collected now."""
    return [
        Subscription(atlas_id=one.atlas_id, probe_id=probe_id)
        for one in list_followed(connection, label, only_unsettled=True)
        if _is_agreed(connection, atlas, one, now)
        for probe_id in ((None,) if one.position.probe_ids is None else one.position.probe_ids)
    ]


def _is_agreed(connection: Connection, atlas: AtlasGateway, followed: Followed, now: int) -> bool:
    try:
        wanted = Wanted(followed.label, (followed.atlas_id,), followed.position.probe_ids)
        require_agreed(connection, atlas, wanted, now)
    except NotYetAgreed:
        return False  # the poll says so, and why
    return True


def take_stream(fetcher: Fetcher, stream: ResultStream, should_stop: Callable[[], bool], lately: Lately) -> Fetched:
    """Write what arrives and was not brought lately, in small batches, until told to stop."""
    fetched = Fetched()
    batch: list[bytes] = []

    def write() -> None:
        if batch:
            fetcher.write_lines("stream", batch, fetched)
            lately.add(batch)
            batch.clear()

    while not should_stop():
        line = stream.take(QUIET_S)
        if line is not None and not lately.has(line):
            batch.append(line)
        if line is None or len(batch) >= BATCH_RECORDS:
            write()
    write()
    return fetched
