"""Keep a followed measurement complete: poll, catch up, re-check. The poll is the truth; the stream only hurries."""

from collections.abc import Iterable

from app.operations.fetch_window import Fetched, Fetcher
from app.operations.require_agreed import Wanted, require_agreed
from app.store.followed import Followed, save_owed, save_poll, save_rechecks, save_settled
from measurements.atlas.failures import AtlasFailure
from measurements.campaigns.collecting import (
    Window,
    advance,
    after_reminder,
    catch_up_windows,
    is_settled,
    poll_windows,
    recheck_windows,
    reminders,
    straightened,
)
from measurements.clock import Deadline


def poll(fetcher: Fetcher, followed: Followed, turn: Deadline | None = None) -> Fetched:
    """Ask for everything new, and for what the probes heard owe from when they were silent.

    What was achieved is noted after every window, so that a long poll that is cut off goes on from there, as does one
    whose turn is over: years of one measurement must not keep all others waiting. A window that
    fails keeps none behind it from being asked for; the first failure is raised at the end, and its window and all
    behind it are asked for again at the next poll. Raises `AtlasFailure`; what had come by then stays. Raises
    `NotYetAgreed` where it could bring data from Tajikistan by now.
    """
    _require_agreed(fetcher, followed)
    now_at = _now(fetcher)
    position = straightened(followed.position, now_at)
    fetched, failures = Fetched(), list[AtlasFailure]()
    for window in poll_windows(position, now_at):
        fetched.newest.clear()
        _fetch(fetcher, followed, [window], fetched, failures)
        _fetch(fetcher, followed, catch_up_windows(position, fetched.newest), fetched, failures)
        if not failures:
            until_at = now_at if window.to_at is None else window.to_at
            position = advance(position, fetched.newest, until_at)
            with fetcher.transaction() as connection:
                save_poll(connection, followed, position, now_at)
        if turn is not None and turn.is_over():
            break
    if failures:
        raise failures[0]
    return fetched


def recheck(fetcher: Fetcher, followed: Followed) -> Fetched:
    """Ask once more for what has reached an age since the last time, and for what probes owe; what is done is noted.

    A measurement that ended long ago is settled after its last re-check. Raises the first `AtlasFailure` at the end,
    and `NotYetAgreed` as `poll` does.
    """
    _require_agreed(fetcher, followed)
    now_at = _now(fetcher)
    position = straightened(followed.position, now_at)
    fetched, failures = Fetched(), list[AtlasFailure]()
    for age_s, windows in recheck_windows(position, now_at).items():
        mine: list[AtlasFailure] = []
        for window in windows:
            _fetch(fetcher, followed, [window], fetched, mine)
            if not mine and window.to_at is not None:
                with fetcher.transaction() as connection:
                    save_rechecks(connection, followed, {age_s: window.to_at})
        failures += mine
    for reminder in reminders(position, now_at):
        mine = []
        _fetch(fetcher, followed, reminder.windows, fetched, mine)
        if not mine:
            with fetcher.transaction() as connection:
                save_owed(connection, followed, after_reminder(position, reminder))
        failures += mine
    if failures:
        raise failures[0]
    if is_settled(position, now_at):
        with fetcher.transaction() as connection:
            save_settled(connection, followed, now_at)
    return fetched


def _fetch(
    fetcher: Fetcher, followed: Followed, windows: Iterable[Window], fetched: Fetched, failures: list[AtlasFailure]
) -> None:
    for window in windows:
        try:
            fetcher.fetch(followed.atlas_id, window, fetched)
        except AtlasFailure as failure:
            failures.append(failure)


def _require_agreed(fetcher: Fetcher, followed: Followed) -> None:
    """Not only when it begins to be followed: probes move."""
    with fetcher.transaction() as connection:
        wanted = Wanted(followed.label, (followed.atlas_id,), followed.position.probe_ids)
        require_agreed(connection, fetcher.atlas, wanted, _now(fetcher))


def _now(fetcher: Fetcher) -> int:
    return int(fetcher.clock.now().timestamp())
