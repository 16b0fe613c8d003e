"""The stream: a websocket over which results come as they reach the platform."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain, islice
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.rehearsal.api.envelope import dumped
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.subscriptions import BadSubscription, Message, Subscription, subscription
from app.rehearsal.connections import GONE
from app.rehearsal.contract import Body

TICK_S = 0.2
"""Real seconds between two looks at what arrived, unless time jumps."""
BATCH = 200
"""Messages that are made ready at once."""
AT_A_TIME = 3
"""Messages that are sent before others have their turn; to a broken connection asyncio lets five writes go unsaid."""
Answer = list[Any]
"""What is said to a client that said something: a type and its payload."""


class _Listener:
    """One connection with its subscriptions."""

    def __init__(self, platform: Platform, websocket: WebSocket) -> None:
        self._platform = platform
        self._websocket = websocket
        self._subscriptions: list[tuple[Body, Subscription]] = []
        self._sending = asyncio.Lock()

    async def listen(self) -> None:
        """Read what the client wants until it is gone."""
        while True:
            try:
                await self._obey(await self._heard())
            except BadSubscription as error:
                await self._send(["atlas_error", str(error)])

    async def _heard(self) -> str:
        try:
            return await self._websocket.receive_text()
        except KeyError:  # there is no text in a binary frame
            raise BadSubscription("Not a message: text is expected") from None

    async def _obey(self, text: str) -> None:
        kind, parameters = _read(text)
        if kind == "atlas_subscribe":
            await self._subscribe(parameters)
        elif kind == "atlas_unsubscribe":
            self._subscriptions = [each for each in self._subscriptions if each[0] != parameters]
            await self._send(["atlas_unsubscribed", parameters])
        else:
            raise BadSubscription(f"Unknown message type: {kind}")

    async def _subscribe(self, parameters: Body) -> None:
        now = self._platform.now()
        wanted = await run_in_threadpool(subscription, self._platform, parameters, now)
        async with self._sending:
            await self._send_now(["atlas_subscribed", parameters])
            if wanted.wants_backlog:
                await self._pass_on(wanted.messages(now))
                await self._send_now(["atlas_backlog_sent", parameters])
            self._subscriptions.append((parameters, wanted))

    async def tell(self, jumped: asyncio.Event) -> None:
        """Pass on what arrives, as virtual time goes."""
        before = self._platform.now()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(jumped.wait(), TICK_S)
            jumped.clear()
            now = self._platform.now()
            if now > before:
                async with self._sending:
                    await self._pass_on(chain.from_iterable(one.messages(now) for _, one in self._subscriptions))
            before = now

    async def _pass_on(self, messages: Iterator[Message]) -> None:
        is_more = True
        while is_more:
            batch = await run_in_threadpool(lambda: list(islice(messages, BATCH)))
            for number, text in enumerate(batch):
                if number % AT_A_TIME == 0:
                    await asyncio.sleep(0)  # else the loop cannot tell that the connection is gone, and complains
                    self._require_client()
                await self._websocket.send_text(text)
            is_more = len(batch) == BATCH

    async def _send(self, message: Answer) -> None:
        async with self._sending:
            await self._send_now(message)

    def _require_client(self) -> None:
        """End when the client is gone: what it asked for before is not worked out any more."""
        if self._websocket.scope.get(GONE, bool)():
            raise WebSocketDisconnect(code=1006)

    async def _send_now(self, message: Answer) -> None:
        self._require_client()
        await self._websocket.send_text(dumped(message).decode())


def _read(text: str) -> tuple[str, Body]:
    try:
        kind, parameters = orjson.loads(text)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadSubscription("Not a message: a JSON list of a type and its parameters is expected") from None
    if not isinstance(kind, str) or not isinstance(parameters, dict):
        raise BadSubscription("Not a message: a JSON list of a type and its parameters is expected")
    return kind, parameters


def stream(platform: Platform) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        loop, jumped = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(jumped.set)

        end = platform.on_jump(wake)
        listener = _Listener(platform, websocket)
        both = [asyncio.ensure_future(listener.listen()), asyncio.ensure_future(listener.tell(jumped))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end()
            for each in both:
                each.cancel()
            for ended in await asyncio.gather(*both, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, WebSocketDisconnect):
                    raise ended

    return endpoint
