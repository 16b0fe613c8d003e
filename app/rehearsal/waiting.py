"""Waiting for virtual time over HTTP: a long poll that ends when time has come, or when whoever asked is gone."""

import asyncio

from starlette.types import Receive

from app.rehearsal.clock import VirtualClock


async def wait_until(
    clock: VirtualClock, participant: str, until: float, lease_s: float | None, receive: Receive
) -> float | None:
    """Virtual now, once it is `until` or later; None when the participant broke the connection off."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    end = clock.on_change(wake)
    waiting = clock.wait(participant, until, lease_s)
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        while (now := clock.settle()) < until:
            change = asyncio.ensure_future(changed.wait())
            await asyncio.wait({gone, change}, timeout=clock.next_change_s(), return_when=asyncio.FIRST_COMPLETED)
            change.cancel()
            changed.clear()
            if gone.done():
                return None
        clock.finish(waiting)
        return now
    finally:
        end()
        gone.cancel()
        clock.forget(waiting)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
