"""An intent: what would be dispatched, in the words of the card that it cites."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from measurements.agreements.card import Allowed, Selected
from measurements.canonical import canonical, digest_of
from measurements.selections import MOST_PROBES
from measurements.units import DAY_S

ONE_OFF_S = 60
"""The probes of a one-off measure within about a minute."""


class Intent(NamedTuple):
    """One measurement that is to be dispatched, or that runs and may go on. Instants are seconds since the epoch."""

    digest: str
    """Of the version of the card that it cites."""
    allowed: Allowed
    """What is measured; its interval is the one it would have."""
    selections: tuple[Selected, ...]
    start_at: int
    stop_at: int | None
    is_public: bool

    @property
    def is_oneoff(self) -> bool:
        """Whether it runs once."""
        return self.allowed.interval_s is None

    @property
    def n_probes(self) -> int:
        """At most: what the platform is asked for. It gives no measurement more than a thousand."""
        return sum(MOST_PROBES if one.requested == "all" else one.requested for one in self.selections)

    @property
    def credits(self) -> int:
        """What RIPE Atlas charges for all of it, if every probe reports every round."""
        return self.credits_until(self.stop_at)

    def credits_until(self, stop_at: int | None) -> int:
        """The same if it were stopped at an instant; every round that began by then is paid for."""
        each = self.allowed.definition().credits_per_result(is_oneoff=self.is_oneoff)
        return each * self.n_probes * self._n_rounds(stop_at)

    @property
    def packets_per_s(self) -> Decimal:
        """Toward the target, from all probes together, on average over a round."""
        packets = self.allowed.definition().packets_per_round * self.n_probes
        return Decimal(packets) / (self.allowed.interval_s or ONE_OFF_S)

    @property
    def packets_per_probe_and_day(self) -> int:
        """What one probe sends on a day, rounded up."""
        n_of_a_day = 1 if self.allowed.interval_s is None else -(-DAY_S // self.allowed.interval_s)
        return self.allowed.definition().packets_per_round * min(n_of_a_day, self.n_rounds)

    @property
    def n_rounds(self) -> int:
        """How often each probe measures."""
        return self._n_rounds(self.stop_at)

    def _n_rounds(self, stop_at: int | None) -> int:
        lasts_s = 1 if stop_at is None else max(0, stop_at - self.start_at)
        return min(1, lasts_s) if self.allowed.interval_s is None else -(-lasts_s // self.allowed.interval_s)


def trimmed(selections: Iterable[Selected], n_probes: int) -> tuple[Selected, ...]:
    """Selections that ask for no more than so many probes together: the first ones first."""
    kept: list[Selected] = []
    for one in selections:
        left = n_probes - sum(each.requested for each in kept if each.requested != "all")
        if left > 0:
            requested = left if one.requested == "all" else min(one.requested, left)
            kept.append(one.model_copy(update={"requested": requested}))
    return tuple(kept)


def intent_form(intent: Intent) -> bytes:
    """The intent as the bytes that are hashed."""
    return canonical(_document(intent))


def _document(intent: Intent) -> dict[str, Any]:
    return intent._asdict() | {
        "allowed": intent.allowed.model_dump(mode="json"),
        "selections": [one.model_dump(mode="json") for one in intent.selections],
    }


def intent_digest(intent: Intent) -> str:
    """SHA-256 of the form, in hexadecimal digits: a decision is on it."""
    return digest_of(_document(intent))


def read_intent(document: Mapping[str, Any]) -> Intent:
    """The intent of a form."""
    return Intent(
        **{
            **document,
            "allowed": Allowed.model_validate(document["allowed"]),
            "selections": tuple(map(Selected.model_validate, document["selections"])),
        }
    )
