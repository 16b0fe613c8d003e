"""Keep a followed measurement complete: poll, catch up, re-check. The poll is the truth; the stream only hurries."""

from collections.abc import Iterable

from app.operations.fetch_window import Fetched, Fetcher
from app.store.followed import Followed, save_poll, save_rechecks, save_settled
from measurements.campaigns.collecting import (
    Window,
    advance,
    catch_up_windows,
    is_settled,
    poll_windows,
    recheck_windows,
)


def poll(fetcher: Fetcher, followed: Followed) -> Fetched:
    """Ask for everything new, and for what the probes heard owe from when they were silent.

    What was achieved is noted at the end, in one unit of work: a poll that is cut off is done again.
    Raises `AtlasFailure`; what had come by then stays.
    """
    now_at = int(fetcher.clock.now().timestamp())
    position = followed.position
    fetched = Fetched()
    _fetch(fetcher, followed, poll_windows(position, now_at), fetched)
    _fetch(fetcher, followed, catch_up_windows(position, fetched.newest), fetched)
    with fetcher.transaction() as connection:
        save_poll(connection, followed, advance(position, fetched.newest, now_at))
    return fetched


def recheck(fetcher: Fetcher, followed: Followed) -> Fetched:
    """Ask once more for what has reached an age since the last time; each age done is noted at once.

    A measurement that ended long ago is settled after its last re-check.
    """
    now_at = int(fetcher.clock.now().timestamp())
    fetched = Fetched()
    for age_s, windows in recheck_windows(followed.position, now_at).items():
        _fetch(fetcher, followed, windows, fetched)
        until_at = windows[-1].to_at
        if until_at is not None:
            with fetcher.transaction() as connection:
                save_rechecks(connection, followed.atlas_id, followed.label, {age_s: until_at})
    if is_settled(followed.position, now_at):
        with fetcher.transaction() as connection:
            save_settled(connection, followed, now_at)
    return fetched


def _fetch(fetcher: Fetcher, followed: Followed, windows: Iterable[Window], fetched: Fetched) -> None:
    for window in windows:
        fetcher.fetch(followed.atlas_id, window, fetched)
