"""Cousteau's requests, sent our way: they build the paths and the bodies, and this sends them.

What Cousteau does by itself and this replaces: a scheme that is always https, no time-outs, a connection for each call,
statuses and headers that are lost, proxies and credentials from the environment, redirects that turn a POST into a GET,
aware times sent as if they were UTC.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from ripe.atlas.cousteau import (
    AtlasChangeRequest,
    AtlasChangeSource,
    AtlasCreateRequest,
    AtlasMeasurement,
    AtlasSource,
    AtlasStopRequest,
    Dns,
    Ping,
    Traceroute,
)
from ripe.atlas.cousteau.request import AtlasRequest

from measurements.atlas import payloads
from measurements.atlas.gateway import Plan
from measurements.atlas.transport import Answer, Call
from measurements.selections import ProbeSelection, these_probes

USER_AGENT = "Rasad (RIPE Atlas Cousteau)"
Send = Callable[[Call], Answer]

_KINDS: Mapping[str, Callable[..., AtlasMeasurement]] = {"ping": Ping, "traceroute": Traceroute, "dns": Dns}


class _Sent:
    """What all of Cousteau's requests have in common here."""

    url: str
    url_path: str
    http_method_args: dict[str, Any]

    def sent_by(self, send: Send, origin: str) -> Self:
        """The same request, to be sent by this function to this origin."""
        self._send = send
        self._origin = origin
        return self

    def build_url(self) -> None:
        """Every path ends with a slash, as the platform writes them, lest it answer with a redirect."""
        self.url = f"{self._origin}{self.url_path.rstrip('/')}/"

    def http_method(self, method: str) -> tuple[bool, Answer]:
        """Send it; the answer is given whole, whatever its status."""
        self.build_url()
        sent = self.http_method_args
        call = Call(method=method, url=self.url, headers=sent["headers"], params=sent["params"], json=sent.get("json"))
        answer = self._send(call)
        return answer.status < 300, answer  # noqa: PLR2004 - the first status that is no success

    def clean_time(self, at: int | None) -> datetime | None:
        """An instant as the datetime from which Cousteau reads the right number."""
        return None if at is None else datetime.fromtimestamp(at, UTC)


class _Get(_Sent, AtlasRequest):  # type: ignore[misc]  # Cousteau has no types
    pass


class _Create(_Sent, AtlasCreateRequest):  # type: ignore[misc]  # Cousteau has no types
    pass


class _Change(_Sent, AtlasChangeRequest):  # type: ignore[misc]  # Cousteau has no types
    pass


class _Stop(_Sent, AtlasStopRequest):  # type: ignore[misc]  # Cousteau has no types
    pass


class Calls:
    """The requests of one endpoint, each sent once by the function that is given with it."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def get(self, send: Send, path: str, params: Mapping[str, str], key: str | None) -> Answer:
        """Look something up; parameters are quoted."""
        request = _Get(url_path=path, key=key, user_agent=USER_AGENT).sent_by(send, self._origin)
        answer: Answer = request.get(**params)[1]
        return answer

    def create(self, send: Send, plan: Plan, key: str | None, start_at: int | None) -> Answer:
        """Create what a plan says; without `start_at`, at once."""
        bodies = [payloads.definition_body(definition, plan) for definition in plan.definitions]
        request = _Create(
            measurements=[_KINDS[body["type"]](**body) for body in bodies],
            sources=[AtlasSource(**payloads.source_body(selection)) for selection in plan.selections],
            start_time=start_at,
            stop_time=plan.stop_at,
            is_oneoff=plan.is_oneoff,
            key=key,
            user_agent=USER_AGENT,
        )
        answer: Answer = request.sent_by(send, self._origin).create()[1]
        return answer

    def change(
        self, send: Send, atlas_id: int, add: list[ProbeSelection], remove: list[int], key: str | None
    ) -> Answer:
        """Ask for some to join and others to leave."""
        sources = [AtlasChangeSource(action="add", **payloads.source_body(selection)) for selection in add]
        if remove:
            sources.append(AtlasChangeSource(action="remove", **payloads.source_body(these_probes(*remove))))
        request = _Change(msm_id=atlas_id, sources=sources, key=key, user_agent=USER_AGENT)
        answer: Answer = request.sent_by(send, self._origin).create()[1]
        return answer

    def stop(self, send: Send, atlas_id: int, key: str | None) -> Answer:
        """Stop a measurement."""
        request = _Stop(msm_id=atlas_id, key=key, user_agent=USER_AGENT)
        answer: Answer = request.sent_by(send, self._origin).delete()[1]
        return answer

    def headers(self, key: str | None) -> dict[str, str]:
        """What Cousteau would send along, for what is not read through it."""
        return dict(_Get(key=key, user_agent=USER_AGENT).get_headers())
