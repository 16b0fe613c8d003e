"""What the stream brings is written once, however often it brings it."""

from collections.abc import Iterable

from sqlalchemy import Engine

from app.operations.take_stream import Lately, take_stream
from measurements.atlas.gateway import Subscription
from tests.collecting import BUILT_IN, PING, Bench


class _Brought:
    """A stream of some lines."""

    n_dropped = n_reconnects = 0
    is_connected = True

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = list(lines)

    def take(self, wait_s: float) -> bytes | None:
        """The next line."""
        del wait_s
        return self._lines.pop(0) if self._lines else None

    def follow(self, subscriptions: Iterable[Subscription]) -> None:
        """As if it cared."""

    def close(self) -> None:
        """There is nothing to end."""

    def is_empty(self) -> bool:
        """Whether all was taken."""
        return not self._lines


def test_what_a_stream_brings_again_after_an_interruption_is_not_read_again(engine: Engine) -> None:
    bench, lately = Bench(engine), Lately()
    first, second, third = (bench.atlas.hand_in(BUILT_IN, 9_100_001, bench.now + at, **PING) for at in (0, 240, 480))
    read = []
    for lines in ((first, second), (first, second, third)):
        stream = _Brought(lines)
        read.append(take_stream(bench.fetcher, stream, stream.is_empty, lately).read)
    assert read == [2, 1]
    assert len(bench.held()) == 3
