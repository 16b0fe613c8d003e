"""Keys: each is used for what it is for, and none is ever seen."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint, Keys, UnusableEndpoint
from measurements.atlas.failures import AtlasFailure
from measurements.selections import in_country
from tests.clocks import ManualClock
from tests.measurements.atlas.conftest import KEYS, PATIENT
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.traps import CREATED, MEASUREMENT, Traps, answers, page

SECRETS = ("create-key", "read-key", "stop-key")


def ask_everything(atlas: AtlasClient) -> list[AtlasFailure]:
    """Every call once, whatever becomes of it."""
    with atlas.results(7, start_at=0) as results, atlas.latest(7) as latest:
        calls: list[Callable[[], object]] = [
            lambda: atlas.dispatch(plan()),
            lambda: atlas.change_participants(7, add=[in_country("TJ", 1)]),
            lambda: atlas.stop(7),
            lambda: atlas.measurement(7),
            lambda: atlas.find_by_tag("rasad-test"),
            lambda: atlas.participants(7),
            lambda: list(atlas.probes({})),
            lambda: list(atlas.anchors({})),
            atlas.credits,
            lambda: list(results),
            lambda: list(latest),
        ]
        return [failure for call in calls if (failure := _failure_of(call)) is not None]


def _failure_of(call: Callable[[], object]) -> AtlasFailure | None:
    try:
        call()
    except AtlasFailure as failure:
        return failure
    return None


@pytest.mark.acceptance("atlas.5")
@pytest.mark.parametrize("status", [200, 400, 401, 302, 502])
def test_no_key_is_in_any_log_address_or_error(traps: Traps, caplog: pytest.LogCaptureFixture, status: int) -> None:
    """Whatever the server answers, at the loudest level, with every traceback."""
    caplog.set_level(logging.DEBUG)
    atlas = AtlasClient(traps.endpoint(), ManualClock(), keys=KEYS, limits=replace(PATIENT, retry_s=1))
    traps.will(answers(status, MEASUREMENT, Location="/elsewhere"))

    failures = ask_everything(atlas)

    atlas.close()
    told = [repr(atlas.__dict__), repr(KEYS), str(KEYS), caplog.text]
    told += ["".join(traceback.format_exception(failure)) for failure in failures]
    told += [repr(vars(failure)) for failure in failures]
    assert caplog.records
    assert len(failures) > (0 if status == 200 else 9)
    for secret in SECRETS:
        assert not any(secret in text for text in told)
        assert not any(secret in request.target for request in traps.requests)
        assert any(secret in request.headers["authorization"] for request in traps.requests)


def test_each_key_is_for_what_its_name_says(traps: Traps, atlas: AtlasClient) -> None:
    """A key that may only stop is the one that stops."""
    traps.will(
        CREATED, answers(201, {"request_ids": [1]}), answers(204), answers(200, MEASUREMENT), answers(200, page([]))
    )

    atlas.dispatch(plan())
    atlas.change_participants(7, add=[in_country("TJ", 1)])
    atlas.stop(7)
    atlas.measurement(7)
    list(atlas.probes({}))

    sent = [request.headers["authorization"] for request in traps.requests]
    assert sent == [f"Key {name}-key" for name in ("create", "create", "stop", "read", "read")]


def test_without_a_key_nothing_is_sent_in_its_place(
    traps: Traps, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither what `.netrc` holds nor a proxy of the environment comes between."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (home / ".netrc").chmod(0o600)
    for name, value in {"HOME": str(home), "NETRC": str(home / ".netrc"), "http_proxy": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    traps.will(answers(200, MEASUREMENT))

    without = AtlasClient(traps.endpoint(), ManualClock())
    without.measurement(7)
    without.close()
    with_key = AtlasClient(traps.endpoint(), ManualClock(), keys=Keys.one("only"))
    with_key.measurement(7)
    with_key.close()

    assert [request.headers.get("authorization") for request in traps.requests] == [None, "Key only"]


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX: y", "ключ", "a\x00"])
def test_a_key_that_is_none_is_refused_without_showing_it(key: str) -> None:
    """It would break the header, and the library's error would quote it."""
    with pytest.raises(UnusableEndpoint, match="the read key") as refused:
        Keys(read=key)

    assert key == "" or key not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("atlas.ripe.net", "is no address"),
        ("ftp://atlas.ripe.net", "is no address"),
        ("https://", "is no address"),
        ("https://[::1", "is no address"),
        ("https://host:port", "is no address"),
        ("https://user:secret@atlas.ripe.net", "no user"),
        ("https://atlas.ripe.net/?key=secret", "no user, no query"),
        ("https://atlas.ripe.net/api/v1/", "no other path"),
        ("http://atlas.ripe.net", "without TLS"),
    ],
)
def test_an_address_that_would_show_a_key_is_refused(address: str, why: str) -> None:
    """And one that is none."""
    with pytest.raises(UnusableEndpoint, match=why) as refused:
        Endpoint(address=address)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["https://a.example", "https://a.example/", "https://a.example/api/v2/"])
def test_both_forms_of_an_address_are_one(address: str) -> None:
    """With the API's path at its end, and without."""
    assert Endpoint(address=address).origin == "https://a.example"
    assert Endpoint(stream_address="https://a.example/stream/").stream_url == "wss://a.example/stream/"
    assert Endpoint(stream_address="http://127.0.0.1:80").stream_url == "ws://127.0.0.1:80/stream/"
    assert Endpoint().stream_url == "wss://atlas-stream.ripe.net/stream/"
