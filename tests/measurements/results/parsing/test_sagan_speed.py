"""The faster methods change nothing about Sagan but its speed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
from ripe.atlas.sagan import Result
from ripe.atlas.sagan.base import ParsingDict
from ripe.atlas.sagan.helpers.abuf import AbufParser

from measurements.results.parsing import sagan_speed
from tests.measurements.results.recordings import SHARED_DATA, TYPES, mutations, recordings, specimens

BATCH = 500
ONE_IN = 40
"""Properties follow from attributes, so reading them all of every fortieth record is enough."""
PLAIN = {int, float, str, bool}
QUIET = {"on_error": Result.ACTION_IGNORE, "on_malformation": Result.ACTION_IGNORE}
STRICT = {"on_error": Result.ACTION_FAIL, "on_malformation": Result.ACTION_FAIL}


@contextmanager
def stock() -> Iterator[None]:
    """Sagan as installed, without our replacements."""
    for owner, name, method in sagan_speed.ORIGINALS:
        setattr(owner, name, method)
    try:
        yield
    finally:
        sagan_speed.install()


def read(record: dict[str, Any], **options: Any) -> Any:
    """What Sagan makes of a copy of the record, lazy parts included, or its exception's type and text."""
    try:
        result = Result.get(_copy(record), **options)
        for response in getattr(result, "responses", ()):
            _ = response.abuf, response.qbuf
    except Exception as error:  # noqa: BLE001 - whatever Sagan raises is what is compared
        return type(error), str(error)
    return result


def _copy(record: dict[str, Any]) -> dict[str, Any]:
    """Sagan changes a record nowhere but at its top and in its `result`."""
    result = record.get("result")
    return {**record, "result": dict(result)} if isinstance(result, dict) else dict(record)


def difference(one: Any, other: Any, path: str = "") -> str | None:  # noqa: PLR0911 - one return a kind of value
    """Where two values differ in type or content, all attributes of Sagan's objects included; None if nowhere."""
    if one is other or (type(one) is type(other) and type(one) in PLAIN and one == other):
        return None
    if type(one) is not type(other):
        return f"{path}: {one!r} is not {other!r}"
    if isinstance(one, ParsingDict):
        return _difference_of_dicts(vars(one), vars(other), f"{path}.{type(one).__name__}")
    if isinstance(one, dict):
        return _difference_of_dicts(one, other, path)
    if isinstance(one, list | tuple):
        if len(one) != len(other):
            return f"{path}: {len(one)} are not {len(other)}"
        return _first(difference(a, b, f"{path}[]") for a, b in zip(one, other, strict=True))
    return None if one == other else f"{path}: {one!r} is not {other!r}"


def _difference_of_dicts(one: dict[str, Any], other: dict[str, Any], path: str) -> str | None:
    if one.keys() != other.keys():
        return f"{path}: {sorted(one)} are not {sorted(other)}"
    for key, value in one.items():
        given = other[key]
        is_plainly_same = value is given or (type(value) is type(given) and type(value) in PLAIN and value == given)
        if not is_plainly_same and (text := difference(value, given, f"{path}.{key}")):
            return text
    return None


def properties(value: Any) -> Any:
    """All public attributes of Sagan's objects, as Sagan itself lists them."""
    if isinstance(value, ParsingDict):
        return {key: properties(getattr(value, key)) for key in value.keys() if key != "raw_data"}  # noqa: SIM118 - own
    return [properties(item) for item in value] if isinstance(value, list | tuple) else value


def differences(records: Iterable[dict[str, Any]], **options: Any) -> list[str]:
    """Records that the faster methods read otherwise than stock Sagan does."""
    found: list[str] = []
    pending = iter(records)
    while batch := list(islice(pending, BATCH)):
        with stock():
            expected = [read(record, **options) for record in batch]
        actual = [read(record, **options) for record in batch]
        pairs = list(zip(expected, actual, strict=True))
        found += [text for pair in pairs if (text := difference(*pair))]
        found += [text for pair in pairs[::ONE_IN] if (text := _difference_in_properties(*pair))]
    return found


def _difference_in_properties(expected: Any, actual: Any) -> str | None:
    with stock():
        listed = _listed(expected)
    return difference(listed, _listed(actual))


def _listed(value: Any) -> Any:
    try:
        return properties(value)
    except Exception as error:  # noqa: BLE001 - a property of Sagan's may fail on what its constructor let pass
        return type(error), str(error)


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)


@pytest.mark.acceptance("spine.3")
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.slow
def test_every_recording_is_read_alike(kind: str, shared_data: object) -> None:
    """Every attribute of every object is the same on all 163,074 recordings."""
    assert shared_data == SHARED_DATA
    assert differences(recordings(kind), **QUIET) == []


@pytest.mark.parametrize(
    "options", [QUIET, STRICT, {**QUIET, "parse_all_hops": False}, {**QUIET, "parse_buf": False}, {}]
)
def test_every_specimen_is_read_alike(options: dict[str, Any]) -> None:
    """Whatever is asked of Sagan: to be quiet, to fail, to warn, to leave parts out."""
    assert differences(specimens(), **options) == []


@pytest.mark.parametrize("options", [QUIET, STRICT])
def test_damaged_records_fail_alike(options: dict[str, Any]) -> None:
    """The same exceptions with the same text, and the same reading of what does not fail."""
    assert differences(mutations(specimens(), 4000, seed=1), **options) == []


@pytest.mark.parametrize("name", ["_type_to_text", "_class_to_text"])
def test_every_number_has_the_same_name(name: str) -> None:
    """Types and classes are two octets each."""
    with stock():
        expected = [getattr(AbufParser, name)(number) for number in range(2**16)]

    assert [getattr(AbufParser, name)(number) for number in range(2**16)] == expected


@pytest.mark.parametrize(
    "wire",
    [
        b"\x00",
        b"\x03foo\x00",
        b"\x03f.o\x01\\\x00",
        b"\x02\xff\x00\x00",
        b"\x03fo",
        b"",
        b"\x40a",
        b"\xc0",
        b"\xc0\x00",
        b"\x01a\xc0\x03\x00",
        b"\xc0\x02\x00",
        b"\xc0\x02\x01b\x00",
        b"\x01a\xff\xff",
    ],
)
def test_every_name_is_read_alike(wire: bytes) -> None:
    """Names of all kinds, loops and forward pointers included, with the errors noted on the way."""

    def ask() -> tuple[Any, list[Any]]:
        error: list[Any] = []
        return AbufParser._do_name(wire, 0, 0, error), error

    with stock():
        expected = ask()

    assert ask() == expected


def test_the_comparison_sees_a_difference() -> None:
    """The proof above would fail if there were one."""
    record = specimens()[0]
    slow, fast = read(record, **QUIET), read(record, **QUIET)
    fast.packets[0].ttl = -1

    assert difference(slow, fast) == ".PingResult.packets[].Packet.ttl: 57 is not -1"


def test_stock_is_stock() -> None:
    """While comparing, Sagan's own methods are in place, and ours again afterwards."""
    with stock():
        during = [getattr(owner, name) for owner, name, _ in sagan_speed.REPLACEMENTS]
    after: list[Callable[..., Any]] = [getattr(owner, name) for owner, name, _ in sagan_speed.REPLACEMENTS]

    assert all(method.__module__.startswith("ripe.") for method in during)
    assert all(method.__module__.startswith("measurements.") for method in after)
