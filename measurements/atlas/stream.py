"""The stream of results, kept alive: it reconnects, subscribes again, asks for what it missed, and never spins.

Cousteau's own stream ends silently when the server closes it, and fills the log at full speed when the connection
breaks; so this speaks to the websocket library beneath it. A stream is a hint: what it drops, the poll brings.
"""

import random
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import websocket

from measurements.atlas import frames
from measurements.atlas.endpoint import Endpoint
from measurements.atlas.failures import Phase, Unreachable
from measurements.atlas.gateway import OnEvent, StreamEvent, Subscription
from measurements.atlas.transport import trusted_by
from measurements.clock import Clock

MOST_WAITING = 4096
"""Results that may wait for the reader: some 20 MB at most of usual sizes."""
LONGEST_MESSAGE = 200
_OPCODES_OF_DATA = (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY)


@dataclass(frozen=True, kw_only=True)
class StreamLimits:
    """Patience of a stream, in seconds of the clock; `look_s` is this computer's."""

    connect_s: float = 10
    silence_s: float = 60
    """Without any frame for so long, the server is asked for a sign of life; after as long again, it is left."""
    barren_s: float = 3_600
    """A server that lives and brings nothing for so long may have forgotten what it was asked for: it is left too."""
    first_wait_s: float = 1
    longest_wait_s: float = 60
    report_s: float = 60
    """What happens again and again is reported once in so long, with how often."""
    look_s: float = 0.25
    """How often it is looked whether something else is wanted or it shall end."""


class StreamSupervisor:
    """One stream in a thread of its own (`gateway.ResultStream`)."""

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        subscriptions: Iterable[Subscription],
        on_event: OnEvent,
        limits: StreamLimits | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._trusted = trusted_by(endpoint.ca_file)
        self._clock = clock
        self._limits = limits or StreamLimits()
        self._reports = _Reports(clock, on_event, self._limits.report_s)
        self._wanted = frozenset(subscriptions)
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self.n_dropped = 0
        self.n_reconnects = 0
        self.is_connected = False
        self._thread = threading.Thread(target=self._run, name="atlas-stream", daemon=True)
        self._thread.start()

    def take(self, wait_s: float) -> bytes | None:
        """The next result; None when there was none in so many seconds, or the stream is closed."""
        real_s = self._clock.real_seconds(wait_s)
        if not self._thread.is_alive() and not self._ending.is_set():
            raise Unreachable("the stream has ended by itself; open it again", phase=Phase.READ)
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending.is_set(), real_s)
            return self._waiting.popleft() if self._waiting and not self._ending.is_set() else None

    def follow(self, subscriptions: Iterable[Subscription]) -> None:
        """Ask for these from now on; the running connection is told within moments."""
        self._wanted = frozenset(subscriptions)

    def close(self) -> None:
        """End it; waits until its thread is gone, or leaves it to the end of its last time-out."""
        self._ending.set()
        with self._changed:
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(4 * self._limits.look_s)

    def _run(self) -> None:
        """Connect, read, wait; later and later while connections bring nothing."""
        wait_s = self._limits.first_wait_s
        while not self._ending.is_set():
            session = _Session(self.n_reconnects > 0)
            try:
                self._connected(session)
            except (websocket.WebSocketException, OSError) as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                reason = "the server closed it"
            if self._ending.is_set():
                return
            self.n_reconnects += 1
            wait_s = self._limits.first_wait_s if session.n_frames else min(2 * wait_s, self._limits.longest_wait_s)
            self._reports.note(StreamEvent.LOST, reason=reason[:LONGEST_MESSAGE], wait_s=wait_s)
            chance = random.uniform(1, 1.5)  # noqa: S311 - spreads reconnects, guards nothing
            self._ending.wait(self._clock.real_seconds(wait_s) * chance)

    def _connected(self, session: "_Session") -> None:
        """One connection, from its beginning to its end."""
        connection = self._open()
        self._reports.note(StreamEvent.CONNECTED, is_again=session.is_again)
        try:
            self.is_connected = True
            connection.settimeout(self._limits.look_s)
            while not self._ending.is_set():
                self._tell(connection, session)
                text = self._received(connection, session)
                if text is not None:
                    self._hand_on(text, session)
        except _ClosedByServer:
            return
        finally:
            self.is_connected = False
            connection.close(timeout=self._limits.look_s)
            connection.shutdown()  # type: ignore[no-untyped-call]  # `close` leaves it open after the server's goodbye

    def _open(self) -> websocket.WebSocket:
        return websocket.create_connection(
            self._endpoint.stream_url,
            timeout=self._clock.real_seconds(self._limits.connect_s),
            http_no_proxy=["*"],  # none from the environment
            redirect_limit=0,  # nor is it asked elsewhere than the endpoint says
            sslopt={"context": self._trusted},
            skip_utf8_validation=True,
        )

    def _tell(self, connection: websocket.WebSocket, session: "_Session") -> None:
        """Subscribe to what is wanted and not subscribed yet, and the other way round."""
        wanted = self._wanted
        if wanted == session.told:
            return
        for one in session.told - wanted:
            connection.send(frames.unsubscribe(one))
        for one in wanted - session.told:
            connection.send(frames.subscribe(one, has_backlog=one.has_backlog or session.is_again))
        session.told = wanted

    def _received(self, connection: websocket.WebSocket, session: "_Session") -> bytes | None:
        """The text of the next frame; None when there is none yet. Raises when the server has fallen silent."""
        try:
            opcode, frame = connection.recv_data_frame(control_frame=True)
        except websocket.WebSocketTimeoutException:
            self._watch(connection, session)
            return None
        session.silent_s = 0.0
        session.is_asked = False
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise _ClosedByServer
        if opcode not in _OPCODES_OF_DATA:
            return None
        session.barren_s = 0.0
        session.n_frames += 1
        return bytes(frame.data)

    def _watch(self, connection: websocket.WebSocket, session: "_Session") -> None:
        session.silent_s += self._limits.look_s  # a virtual clock may have jumped; a socket's time does not
        session.barren_s += self._limits.look_s
        patience_s = self._clock.real_seconds(self._limits.silence_s)
        if session.silent_s >= 2 * patience_s:
            raise websocket.WebSocketTimeoutException(f"silent for {session.silent_s:.0f} s")
        if session.told and session.barren_s >= self._clock.real_seconds(self._limits.barren_s):
            raise websocket.WebSocketTimeoutException(f"alive, but it brought nothing for {session.barren_s:.0f} s")
        if session.silent_s >= patience_s and not session.is_asked:
            connection.ping()
            session.is_asked = True

    def _hand_on(self, text: bytes, session: "_Session") -> None:
        frame = frames.read_frame(text)
        if frame is None:
            self._reports.note(StreamEvent.UNREADABLE, text=text[:LONGEST_MESSAGE].decode("utf-8", "replace"))
        elif frame.type == frames.ERROR:
            session.n_frames -= 1  # a server that only ever refuses must not be asked again at once
            self._reports.note(StreamEvent.REFUSED, reason=frame.payload[:LONGEST_MESSAGE].decode("utf-8", "replace"))
        elif frame.type == frames.RESULT:
            self._keep(frame.payload)

    def _keep(self, line: bytes) -> None:
        with self._changed:
            is_full = len(self._waiting) >= MOST_WAITING
            if not is_full:
                self._waiting.append(line)
                self._changed.notify()
        if is_full:
            self.n_dropped += 1
            self._reports.note(StreamEvent.DROPPED, n_dropped=self.n_dropped)


class _ClosedByServer(Exception):
    """The server said goodbye."""


@dataclass
class _Session:
    """What is known of one connection."""

    is_again: bool
    told: frozenset[Subscription] = frozenset()
    silent_s: float = 0.0
    """Real seconds since anything was heard, counted by the looks that found nothing."""
    barren_s: float = 0.0
    """The same since something was brought."""
    is_asked: bool = False
    n_frames: int = 0


@dataclass
class _Reports:
    """Reports what happens, and sums up what happens too often."""

    clock: Clock
    on_event: OnEvent
    every_s: float
    _reported_at: dict[StreamEvent, float] = field(default_factory=dict)
    _n_since: dict[StreamEvent, int] = field(default_factory=dict)

    def note(self, event: StreamEvent, **figures: Any) -> None:
        """It happened once more; `n` says how often since it was last reported, this time included."""
        n = self._n_since.get(event, 0) + 1
        now = self.clock.monotonic()
        reported_at = self._reported_at.get(event)
        if reported_at is not None and now - reported_at < self.every_s:
            self._n_since[event] = n
            return
        self._reported_at[event], self._n_since[event] = now, 0
        told: Mapping[str, Any] = {"n": n, **figures}
        self.on_event(event, told)
