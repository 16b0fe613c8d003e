"""All recordings are read, or put aside with a reason."""

from collections import Counter
from pathlib import Path

import pytest

from measurements.errors import UnreadableResult
from measurements.results.parsing import parse
from tests.measurements.results.recordings import TYPES, recordings

SHARE_UNREADABLE = 0.001


@pytest.mark.acceptance("spine.3")
@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES)
def test_every_recording_is_read_or_put_aside(kind: str, shared_data: Path) -> None:
    """Of all recordings nothing raises anything but `UnreadableResult`, and of a thousand at most one does."""
    assert shared_data.is_dir()
    reasons: Counter[str] = Counter()
    n = 0
    for n, record in enumerate(recordings(kind), 1):  # noqa: B007 - counted to the end
        try:
            parse(record)
        except UnreadableResult as unreadable:
            reasons[unreadable.reason] += 1

    assert reasons.total() <= n * SHARE_UNREADABLE, reasons
    assert n > 0
