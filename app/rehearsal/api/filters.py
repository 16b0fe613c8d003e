"""Filters of lists, `name=value` or `name__lt=value`, for the names a resource has; others are ignored, and said so."""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from typing import Any, NamedTuple

from app.rehearsal.api.envelope import Mistake, invalid
from app.rehearsal.api.values import read_instant
from app.rehearsal.contract import Body

Test = Callable[[Body], bool]
GENERIC = frozenset(
    {
        "fields",
        "optional_fields",
        "include",
        "format",
        "format[datetime]",
        "sort",
        "page",
        "page_size",
        "after",
        "key",
        "mine",
    }
)
"""Parameters that are no filters."""
_NOT_IMPLEMENTED = "Filtering by this field is not implemented, this parameter has been ignored."
_ORDER = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
_PARTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_YES_AND_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_MAX_DIGITS = 18
EARTH_KM = 6371.0


class Field(NamedTuple):
    """Something that can be filtered by: how it is read from an object, from a parameter, and with which suffixes."""

    of: Callable[[Body], Any]
    read: Callable[[str], Any]
    suffixes: frozenset[str] = frozenset()


Special = Callable[[str], Test]
"""A filter of its own kind: a test from a parameter's text. Raises ValueError for what it cannot read."""


def whole(text: str) -> int:
    """A whole number. Raises ValueError."""
    digits = text.strip()
    if not digits.isascii() or len(digits) > _MAX_DIGITS:
        raise ValueError("Enter a whole number.")
    try:
        return int(digits)
    except ValueError:
        raise ValueError("Enter a whole number.") from None


def decimal(text: str) -> float:
    """A number. Raises ValueError."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError("Enter a number.") from None
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - what is not a number is not itself
        raise ValueError("Enter a number.")
    return number


def yes_or_no(text: str) -> bool:
    """A boolean. Raises ValueError."""
    if text.strip().lower() not in _YES_AND_NO:
        raise ValueError("Enter true or false.")
    return _YES_AND_NO[text.strip().lower()]


def instant(text: str) -> int:
    """Unix seconds of a number or an ISO 8601 text. Raises ValueError."""
    try:
        return read_instant(text.replace(" ", "+") if "T" in text else text)
    except (ValueError, TypeError, OverflowError):
        raise ValueError("Enter a valid timestamp.") from None


def lower(text: str) -> str:
    """Text whose case does not matter."""
    return text.lower()


def number(name: str, *, is_instant: bool = False) -> Field:
    """A number in an object, with every comparison."""
    read = instant if is_instant else whole
    return Field(operator.itemgetter(name), read, frozenset({"in", *_ORDER}))


def text(name: str) -> Field:
    """A text in an object, whose case does not matter, and its parts."""
    return Field(lambda body: (body[name] or "").lower(), lower, frozenset({"in", *_PARTS}))


def choice(name: str, read: Callable[[str], Any] = lower) -> Field:
    """A value of an object, one or several of which may be asked for."""
    return Field(lambda body: _lower(body[name]), read, frozenset({"in"}))


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def within(name: str) -> Special:
    """Whether an address or prefix of an object lies in the one that is asked for, or is it."""

    def test(given: str) -> Test:
        try:
            asked = ip_network(given, strict=False)
        except ValueError:
            raise ValueError("Enter a valid IP address or prefix.") from None

        def lies_within(body: Body) -> bool:
            if not body[name]:
                return False
            found = ip_network(body[name], strict=False)
            return found.version == asked.version and found.subnet_of(asked)  # type: ignore[arg-type]  # same family

        return lies_within

    return test


def radius(given: str) -> Test:
    """Whether a probe is within `latitude,longitude:kilometres`."""
    try:
        place, _, distance = given.partition(":")
        latitude, longitude = (decimal(part) for part in place.split(","))
        reach_km = decimal(distance or "100")
    except ValueError:
        raise ValueError("Enter latitude,longitude:kilometres.") from None
    return lambda body: bool(body["geometry"]) and _distance_km(body, latitude, longitude) <= reach_km


def _distance_km(body: Body, latitude: float, longitude: float) -> float:
    east, north = body["geometry"]["coordinates"]
    a, b, turned = (math.radians(each) for each in (latitude, north, east - longitude))
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turned)
    return EARTH_KM * math.acos(max(-1.0, min(1.0, cosine)))


def tests_of(
    parameters: Iterable[tuple[str, str]], fields: Mapping[str, Field], specials: Mapping[str, Special]
) -> tuple[list[Test], list[Body]]:
    """What objects must pass, and a warning for each parameter that is no filter. Refuses what cannot be read."""
    tests: list[Test] = []
    warnings: list[Body] = []
    mistakes: list[Mistake] = []
    for name, given in parameters:
        if name in GENERIC or not given:
            continue
        try:
            test = specials[name](given) if name in specials else _test(name, given, fields)
        except ValueError as error:
            mistakes.append(Mistake(str(error), parameter=name))
            continue
        if test is None:
            warnings.append({"source": {"parameter": name}, "detail": [_NOT_IMPLEMENTED]})
        else:
            tests.append(test)
    if mistakes:
        raise invalid(*mistakes)
    return tests, warnings


def _test(name: str, given: str, fields: Mapping[str, Field]) -> Test | None:
    bare, _, suffix = name.partition("__")
    field = fields.get(bare)
    if field is None or (suffix and suffix not in field.suffixes):
        return None
    if suffix == "in":
        wanted = {field.read(part) for part in given.split(",") if part.strip()}
        return lambda body: field.of(body) in wanted
    value = field.read(given)
    if suffix in _ORDER:
        compare = _ORDER[suffix]
        return lambda body: field.of(body) is not None and bool(compare(field.of(body), value))
    if suffix:
        part = _PARTS[suffix]
        return lambda body: part(field.of(body), value)
    return lambda body: bool(field.of(body) == value)
