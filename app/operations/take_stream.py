"""Take results from the stream as they come. It only hurries: no watermark moves, and the poll finds what it lost."""

from collections.abc import Callable

from app.operations.fetch_window import Fetched, Fetcher
from measurements.atlas.gateway import ResultStream

BATCH_RECORDS = 500
QUIET_S = 2.0
"""A batch is written when nothing came for so long."""


def take_stream(fetcher: Fetcher, stream: ResultStream, should_stop: Callable[[], bool]) -> Fetched:
    """Write what arrives, in small batches, until told to stop."""
    fetched = Fetched()
    batch: list[bytes] = []
    while not should_stop():
        line = stream.take(QUIET_S)
        if line is not None:
            batch.append(line)
        if batch and (line is None or len(batch) >= BATCH_RECORDS):
            fetcher.write_lines("stream", batch, fetched)
            batch = []
    if batch:
        fetcher.write_lines("stream", batch, fetched)
    return fetched
