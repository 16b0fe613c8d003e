"""How a probe words the failures of a DNS query, and what each means (PROBE eperd/evtdig.c, tcputil.c)."""

from typing import Any, NamedTuple

from measurements.results.outcome import AnswerOutcome, Outcome
from measurements.results.parsing.fields import wrong_type


class Failure(NamedTuple):
    """One failed query."""

    answer_outcome: AnswerOutcome
    outcome: Outcome
    """What the result is, if no other query of it did better."""
    is_sent: bool
    text: str


_SILENCE = (AnswerOutcome.TIMEOUT, Outcome.NO_REPLY, True)
_REFUSAL = (AnswerOutcome.NETWORK_ERROR, Outcome.NO_REPLY, True)
_DAMAGE = (AnswerOutcome.MALFORMED, Outcome.MALFORMED, True)
_LOCAL = (AnswerOutcome.NETWORK_ERROR, Outcome.SEND_ERROR, False)
_UNRESOLVED = (AnswerOutcome.NETWORK_ERROR, Outcome.RESOLUTION_FAILED, False)
_FORBIDDEN = (AnswerOutcome.NETWORK_ERROR, Outcome.NOT_ALLOWED, False)
_KINDS = {
    "timeout": _SILENCE,
    "idmismatch": _DAMAGE,  # an answer came, but not to this query
    "TCPREADSIZE": _DAMAGE,  # the announced length is less than a DNS header
    "TCPREAD": _DAMAGE,
    "TU_READ_ERR": _REFUSAL,  # the connection was closed or reset before an answer
    "TUCONNECT": _REFUSAL,  # unless its text says that the probe itself had no way out
    "TUDNS": _UNRESOLVED,
    "TU_OUT_OF_ADDRESS": _UNRESOLVED,
    "getaddrinfo": _UNRESOLVED,
    "evdns_getaddrinfo": _UNRESOLVED,
    "nameserver": _UNRESOLVED,  # the probe knows no resolver to ask
    "reason": _FORBIDDEN,
    "TU_BAD_ADDR": _FORBIDDEN,
    "socket": _LOCAL,
    "senderror": _LOCAL,
    "TUSOCKET": _LOCAL,
    "err": _LOCAL,  # the query could not be composed
}
_NO_WAY_OUT = ("Network is unreachable", "Permission denied", "Invalid argument", "Cannot assign requested address")
"""What the system answers without sending. A router far away can cause the first one too; the record does
not tell which, and a probe without a route (most often to IPv6) is by far the commoner case."""


def failure_of(error: Any) -> Failure:
    """What an `error` of a query means; of several kinds in one error the first known one counts.

    An unknown kind counts as not sent, so that it counts neither as failure nor as success.
    """
    if type(error) is not dict or not error:
        raise wrong_type("error", error)
    text = "; ".join(f"{_safe(kind)}: {_safe(value)}" for kind, value in error.items())
    kind = next((kind for kind in error if kind in _KINDS), "err")
    if kind == "TUCONNECT" and error[kind] in _NO_WAY_OUT:
        return Failure(*_LOCAL, text)
    return Failure(*_KINDS[kind], text)


def _safe(value: Any) -> str:
    if type(value) in (int, bool, float):
        return str(value).lower()
    if type(value) is not str or not value.isprintable():
        raise wrong_type("error", value)
    return value
