"""How a result ended: two closed sets, and what each member implies for a number."""

from enum import StrEnum


class Label(StrEnum):
    """Where a result comes from; part of its identity and of every series, never mixed."""

    MEASURED = "measured"
    """Recorded on the Internet by RIPE Atlas."""
    LABORATORY = "laboratory"
    """Recorded by the real probe code in an isolated network."""
    REHEARSED = "rehearsed"
    """Answered by the rehearsal Atlas; nothing was measured."""


class DataClass(StrEnum):
    """Under which clause of the memorandum data may be held (Art. IV, last paragraph); the most open one first."""

    PUBLIC = "public"
    RIPE_NCC_MANAGED = "ripe_ncc_managed"
    AGREED_COLLECTION = "agreed_collection"
    PARTY_PROVIDED = "party_provided"
    FORBIDDEN = "forbidden"

    @property
    def strictness(self) -> int:
        """Its rank: what came under several classes is held under the strictest of them."""
        return list(DataClass).index(self)


class Outcome(StrEnum):
    """How one result of one probe ended. A result that never came is a gap, not a member."""

    REPLY = "reply"
    """At least one reply came from the network."""
    NO_REPLY = "no_reply"
    """Something was sent and the network stayed silent."""
    SEND_ERROR = "send_error"
    """The probe could not send: neither loss nor reply."""
    RESOLUTION_FAILED = "resolution_failed"
    """The probe could not turn the target's name into an address."""
    NOT_ALLOWED = "not_allowed"
    """The probe refused the address."""
    MALFORMED = "malformed"
    """Something came back that nobody can read."""


class AnswerOutcome(StrEnum):
    """How one DNS query ended."""

    ANSWER = "answer"
    """A DNS message came back, whatever its RCODE."""
    TIMEOUT = "timeout"
    """No message within the probe's time-out."""
    NETWORK_ERROR = "network_error"
    """The query failed below DNS: name, socket, connection, TLS."""
    MALFORMED = "malformed"
    """Bytes came back that are no readable DNS response."""


class RecordStatus(StrEnum):
    """What became of a record."""

    KEPT = "kept"
    """It is a result that was read."""
    QUARANTINED = "quarantined"
    """It cannot be used; `reason` and `detail` say why."""
    UNSUPPORTED = "unsupported"
    """A result of a type that is kept but not read (sslcert, ntp, http, wifi)."""
