"""How a probe words its failures, and which outcome each calls for.

Ping and traceroute give a sentence (PROBE eperd/ping.c, traceroute.c); its beginning tells the kind.
"""

from measurements.results.outcome import Outcome

_NOT_ALLOWED = "address not allowed"
_RESOLUTION = ("dns resolution failed", "name resolution failed")


def outcome_of(error: str) -> Outcome:
    """The outcome that an error of a ping or traceroute stands for when nothing was received."""
    if error.startswith(_NOT_ALLOWED):
        return Outcome.NOT_ALLOWED
    if error.startswith(_RESOLUTION):
        return Outcome.RESOLUTION_FAILED
    return Outcome.SEND_ERROR
