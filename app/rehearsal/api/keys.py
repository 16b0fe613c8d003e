"""API keys: who presents one, and what it may do."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from starlette.requests import Request

from app.rehearsal.api.envelope import Refused, forbidden


class Grant(StrEnum):
    """What a key may be good for."""

    CREATE = "measurements.create_measurement"
    STOP = "measurements.stop_measurement"
    LIST = "measurements.list_measurements"
    RESULTS = "measurements.get_results"
    CREDITS = "credits.get_credit_info"


class Key(NamedTuple):
    """A key's owner, an e-mail address, and grants."""

    owner: str
    grants: frozenset[Grant]


KeyRing = Mapping[str, Key]
"""Keys by what is sent to present them."""

DEMONSTRATION_ACCOUNT = "demonstration@rehearsal.example"
STRANGER = "stranger@elsewhere.example"
_NUMBERED = "0000000{}-5245-4845-4152-53414c000000"
DEMONSTRATION_KEY, CREATE_KEY, READ_KEY, STOP_KEY, STRANGERS_KEY = (_NUMBERED.format(number) for number in range(1, 6))

DEMONSTRATION_KEYS: KeyRing = {
    DEMONSTRATION_KEY: Key(DEMONSTRATION_ACCOUNT, frozenset(Grant)),
    CREATE_KEY: Key(DEMONSTRATION_ACCOUNT, frozenset({Grant.CREATE})),
    READ_KEY: Key(DEMONSTRATION_ACCOUNT, frozenset({Grant.LIST, Grant.RESULTS, Grant.CREDITS})),
    STOP_KEY: Key(DEMONSTRATION_ACCOUNT, frozenset({Grant.STOP})),
    STRANGERS_KEY: Key(STRANGER, frozenset(Grant)),
}
"""Good for everything; for creating only; for reading only; for stopping only; somebody else's."""


def presented(request: Request, keys: KeyRing) -> Key | None:
    """Whose key a request presents, by header or `?key=`; None without one. Refuses unknown keys, and two of them."""
    scheme, _, named = request.headers.get("authorization", "").partition(" ")
    found = [named.strip()] if scheme.lower() == "key" else []
    found += request.query_params.getlist("key")
    if len(found) > 1:
        raise forbidden()
    if not found:
        return None
    key = keys.get(found[0])
    if key is None:
        raise unauthorized()
    return key


def unauthorized() -> Refused:
    """No key where one is needed, or one that nobody was given."""
    return Refused(HTTPStatus.UNAUTHORIZED, "The provided API key does not exist")


def require(key: Key | None, grant: Grant) -> Key:
    """The key, if it is good for this."""
    if key is None:
        raise unauthorized()
    if grant not in key.grants:
        raise forbidden()
    return key
