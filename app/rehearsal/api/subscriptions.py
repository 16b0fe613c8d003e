"""What somebody listens to on the stream: results by measurement, probe and type, or probes that come and go."""

from collections.abc import Iterable, Iterator

from app.rehearsal.api.arrivals import Arrivals
from app.rehearsal.api.entries import Entry
from app.rehearsal.api.envelope import dumped
from app.rehearsal.api.platform import Platform
from app.rehearsal.contract import Body

Message = str
"""What goes over the websocket: JSON, a type and its payload."""
TYPES = ("result", "probestatus", "metadata")
BACKLOG_S = 86_400
"""How far back `sendBacklog` goes."""


class BadSubscription(ValueError):
    """Parameters that no subscription can have; its message says which."""


def stream_type(parameters: Body) -> str:
    """What is subscribed to, in either spelling. Raises BadSubscription."""
    found = parameters.get("streamType", parameters.get("stream_type", "result"))
    if found not in TYPES:
        raise BadSubscription(f"Unknown stream type: {found}")
    return str(found)


def _ids(parameters: Body, *names: str) -> frozenset[int] | None:
    """Numbers given as one, as a list or between commas; None where none are."""
    given = next((parameters[name] for name in names if parameters.get(name) not in (None, "")), None)
    if given is None:
        return None
    values = given if isinstance(given, list) else str(given).split(",")
    try:
        return frozenset(int(str(value)) for value in values)
    except ValueError:
        raise BadSubscription(f"Not a number: {names[0]}") from None


class ResultSubscription:
    """Results of measurements as they arrive, after an instant."""

    def __init__(self, platform: Platform, parameters: Body, now: int) -> None:
        self._platform = platform
        self._measurements = _ids(parameters, "msm")
        self._probes = _ids(parameters, "prb")
        type_ = parameters.get("type")
        self._type = type_.lower() if isinstance(type_, str) else None
        self._told_until = now
        start = _ids(parameters, "startTime", "start_time")
        self.wants_backlog = bool(parameters.get("sendBacklog") or start)
        if self.wants_backlog:
            self._told_until = max(min(start) if start else now - BACKLOG_S, 0)

    def messages(self, now: int) -> Iterator[Message]:
        """What arrived since the last look."""
        after = self._told_until
        if after >= now:
            return
        self._told_until = now
        for entry in self._entries(now):
            begin = max(after, entry.created_at - 1)
            if begin < now - BACKLOG_S:
                yield from self._long_ago(entry, begin, now - BACKLOG_S)
                begin = now - BACKLOG_S
            yield from self._platform.arrivals.between(entry, self._probes, begin, now)

    def _long_ago(self, entry: Entry, after: int, until: int) -> Iterator[Message]:
        """What nobody else will ask for: made for this one listener, a day at a time."""
        arrivals = Arrivals(self._platform.faults)
        while after < until:
            stop = min(after + BACKLOG_S, until)
            yield from arrivals.between(entry, self._probes, after, stop)
            after = stop

    def _entries(self, now: int) -> Iterable[Entry]:
        if self._measurements is not None:
            named = (self._platform.find(each) for each in sorted(self._measurements))
            found = [entry for entry in named if entry]
        else:
            found = list(self._platform.entries())
        return [
            entry for entry in found if entry.is_public and entry.created_at <= now and self._type in (None, entry.type)
        ]


class ProbeSubscription:
    """Probes that connect and disconnect."""

    wants_backlog = False

    def __init__(self, platform: Platform, parameters: Body, now: int) -> None:
        self._platform = platform
        self._probes = _ids(parameters, "prb")
        self._known = self._statuses(now)

    def _statuses(self, now: int) -> dict[int, tuple[int, Body]]:
        bodies = self._platform.world.probes(now)
        return {body["id"]: (body["status"]["id"], body) for body in bodies if self._probes in (None, {body["id"]})}

    def messages(self, now: int) -> Iterator[Message]:
        """Whose status changed since the last look."""
        before, self._known = self._known, self._statuses(now)
        for number, (status, body) in self._known.items():
            if number in before and before[number][0] != status:
                event = "connect" if status == 1 else "disconnect"
                payload = {"prb_id": number, "event": event, "timestamp": now, "type": "connection"}
                payload |= {
                    "asn": body["asn_v4"],
                    "prefix": body["prefix_v4"],
                    "msm_id": 7000,
                    "controller": "rehearsal",
                }
                yield dumped(["atlas_probestatus", payload]).decode()


class SilentSubscription:
    """Acknowledged, and nothing ever comes: what the rehearsal has nothing of."""

    wants_backlog = False

    def messages(self, now: int) -> Iterator[Message]:
        """Nothing."""
        del now
        return iter(())


Subscription = ResultSubscription | ProbeSubscription | SilentSubscription


def subscription(platform: Platform, parameters: Body, now: int) -> Subscription:
    """What parameters ask for. Raises BadSubscription."""
    kind = stream_type(parameters)
    if kind == "result":
        return ResultSubscription(platform, parameters, now)
    return ProbeSubscription(platform, parameters, now) if kind == "probestatus" else SilentSubscription()
