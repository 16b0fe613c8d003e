"""Read what the platform holds of measurements for some probes and a stretch of the past. Resumable: a window that
was fetched to its end is not asked for again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from app.operations.fetch_window import Fetched, Fetcher
from app.operations.require_agreed import Wanted, require_agreed
from app.store.fetched import find_fetched, save_fetched
from measurements.campaigns.collecting import Window, cut_days

PROBES_PER_QUESTION = 100
"""So many probe ids fit an address that every proxy takes."""


class Stretch(NamedTuple):
    """One question: a measurement, a day or less of it, some probes."""

    atlas_id: int
    window: Window
    probes: str
    """A digest of the probe ids, by which the question is known again."""


class BackfillProgress(NamedTuple):
    """How far a backfill is."""

    n_done: int
    n_total: int
    n_skipped: int
    """Of those done: fetched by an earlier run."""
    fetched: Fetched
    atlas_id: int
    from_at: int


def backfill(
    fetcher: Fetcher,
    *,
    atlas_ids: Sequence[int],
    probe_ids: Collection[int],
    from_at: int,
    to_at: int,
    is_again: bool = False,
    fetched: Fetched | None = None,
    on_progress: Callable[[BackfillProgress], None] = lambda _: None,
) -> Fetched:
    """Fetch [from_at, to_at) of every measurement, one question at a time. Raises `AtlasFailure`, `NotYetAgreed`.

    What is younger than a day is fetched, and asked for again by the next run. A `fetched` handed in is kept up to
    date, for whoever may interrupt.
    """
    with fetcher.transaction() as connection:
        wanted = Wanted(fetcher.label, tuple(atlas_ids), probe_ids)
        require_agreed(connection, fetcher.atlas, wanted, int(fetcher.clock.now().timestamp()))
        done = set() if is_again else find_fetched(connection, fetcher.label)
    fetched = Fetched() if fetched is None else fetched
    stretches = list(_stretches(atlas_ids, sorted(probe_ids), from_at, to_at))
    n_skipped = 0
    for number, stretch in enumerate(stretches, start=1):
        key = (stretch.atlas_id, stretch.window.from_at, stretch.window.to_at, stretch.probes)
        if key in done:
            n_skipped += 1
        else:
            fetcher.fetch(stretch.atlas_id, stretch.window, fetched)
            now_at = int(fetcher.clock.now().timestamp())
            if stretch.window.to_at is not None and now_at - stretch.window.to_at > SETTLES_AFTER_S:
                with fetcher.transaction() as connection:
                    save_fetched(connection, fetcher.label, key, now_at)
        on_progress(
            BackfillProgress(number, len(stretches), n_skipped, fetched, stretch.atlas_id, stretch.window.from_at)
        )
    return fetched


SETTLES_AFTER_S = 86_400
"""A window that ended less than a day ago may still get late results: it is fetched, but not held to be done."""


def _stretches(atlas_ids: Sequence[int], probe_ids: list[int], from_at: int, to_at: int) -> Iterator[Stretch]:
    chunks = [
        tuple(probe_ids[start : start + PROBES_PER_QUESTION]) for start in range(0, len(probe_ids), PROBES_PER_QUESTION)
    ]
    for atlas_id in atlas_ids:
        for chunk in chunks:
            digest = blake2b(",".join(map(str, chunk)).encode(), digest_size=8).hexdigest()
            for window in cut_days(from_at, to_at, chunk):
                yield Stretch(atlas_id, window, digest)
