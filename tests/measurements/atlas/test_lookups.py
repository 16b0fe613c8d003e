"""Looking up: pages, filters, and objects that make no sense."""

import socket
import threading
from itertools import count

import pytest

from measurements.atlas import lookups
from measurements.atlas.client import AtlasClient
from measurements.atlas.failures import (
    Unreadable,
)
from tests.measurements.atlas.traps import MEASUREMENT, Traps, answers, laid, page


def test_pages_are_followed_on_our_own_origin(traps: Traps, atlas: AtlasClient) -> None:
    """Another host in `next` would get the key; `key` in it is dropped; a cursor is taken as it is."""
    cursor = "https://elsewhere.example/api/v2/probes/?after=WzEwMjYyMjJd&key=somebodys&country_code=TJ&x=a%26b"
    traps.will(answers(200, page([{"id": 1}], cursor)), answers(200, page([{"id": 2}])))

    assert [probe["id"] for probe in atlas.probes({"country_code": "TJ"})] == [1, 2]

    first, second = traps.requests
    assert first.query == {"page_size": "500", "country_code": "TJ"}
    assert (second.path, second.query) == (
        "/api/v2/probes/",
        {"after": "WzEwMjYyMjJd", "country_code": "TJ", "x": "a&b"},
    )
    assert second.headers["authorization"] == "Key read-key"


def test_pages_that_lead_back_end(traps: Traps, atlas: AtlasClient) -> None:
    """With an error, not never."""
    traps.will(answers(200, page([{"id": 1}], f"http://127.0.0.1:{traps.port}/api/v2/probes/?page=2")))

    with pytest.raises(Unreadable, match="lead back"):
        list(atlas.probes({}))


def test_a_next_page_is_never_looked_for_elsewhere(traps: Traps, atlas: AtlasClient) -> None:
    """A path that begins without a slash would become part of the host's name, and the request go there."""
    with laid() as elsewhere:
        elsewhere.will(answers(200, page([{"id": 2}])))
        where = f"127.0.0.1:{elsewhere.port}/somebody/?key=somebodys"
        for way in ("x:@", "//"):
            traps.will(answers(200, page([{"id": 1}], f"{way}{where}")))
            with pytest.raises(Unreadable, match="leads out of the API") as unreadable:
                list(atlas.probes({}))
            assert "somebodys" not in str(unreadable.value)
            traps.replies.clear()
        traps.will(answers(200, page([{"id": 1}], f"@{where}")), answers(200, page([])))
        assert len(list(atlas.probes({}))) == 1
        assert elsewhere.requests == []
    assert traps.requests[-1].target == f"/api/v2/probes/@127.0.0.1:{elsewhere.port}/somebody/"


@pytest.mark.parametrize(
    "said", [1, ["/api/v2/probes/"], {"page": 2}, "https://[::1", "/api/v2/probes/\x00", "/api/v2/" + "a" * 70_000]
)
def test_a_next_page_that_is_none_is_unreadable(traps: Traps, atlas: AtlasClient, said: object) -> None:
    """An error of the family."""
    traps.will(answers(200, {"results": [{"id": 1}], "next": said}))

    with pytest.raises(Unreadable):
        list(atlas.probes({}))


def test_a_next_page_may_be_said_beside_the_one_before(traps: Traps, atlas: AtlasClient) -> None:
    """As its query alone."""
    traps.will(answers(200, page([{"id": 1}], "?page=2")), answers(200, page([{"id": 2}])))

    assert [probe["id"] for probe in atlas.probes({})] == [1, 2]
    assert traps.requests[1].target == "/api/v2/probes/?page=2"


def test_pages_that_never_end_end(traps: Traps, atlas: AtlasClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is another one, so that none leads back."""
    monkeypatch.setattr(lookups, "MOST_PAGES", 5)
    numbers = count(2)

    def another(connection: socket.socket, closing: threading.Event) -> None:
        answers(200, page([{"id": 1}], f"/api/v2/probes/?page={next(numbers)}"))(connection, closing)

    traps.will(another)

    with pytest.raises(Unreadable, match="no end"):
        list(atlas.probes({}))

    assert len(traps.requests) == 5


def test_values_are_quoted(traps: Traps, atlas: AtlasClient) -> None:
    """Whatever is in them."""
    traps.will(answers(200, page([])))

    list(atlas.measurements({"search": "a&b=c #й+", "is_public": True, "status__in": [1, 2]}))

    assert traps.requests[0].query == {
        "page_size": "500", "search": "a&b=c #й+", "is_public": "true", "status__in": "1,2",
    }  # fmt: skip


def test_ids_are_asked_for_in_chunks(traps: Traps, atlas: AtlasClient) -> None:
    """No address is too long; no id at all asks for nothing, and not for everything."""
    traps.will(answers(200, page([{"id": 1}])))

    assert list(atlas.probes({"id__in": []})) == []
    assert traps.requests == []
    found = list(atlas.probes({"id__in": range(1, 1202)}, fields=("country_code",)))

    assert len(found) == 3
    assert [len(one.query["id__in"].split(",")) for one in traps.requests] == [500, 500, 201]
    assert {one.query["fields"] for one in traps.requests} == {"id,country_code"}
    assert max(len(one.target) for one in traps.requests) < 5000


def test_a_filter_that_the_platform_ignores_is_no_answer(traps: Traps, atlas: AtlasClient) -> None:
    """It would be every measurement there is."""
    warnings = [{"source": {"parameter": "tags"}, "detail": ["Filtering by this field is not implemented."]}]
    traps.will(answers(200, page([MEASUREMENT], warnings=warnings)))

    with pytest.raises(Unreadable, match="ignores the filter tags"):
        atlas.find_by_tag("rasad-test")


@pytest.mark.parametrize("body", [[], {}, {"results": {}}, {"results": [1]}, "text", None, {"results": None}])
def test_a_page_that_is_none_is_unreadable(traps: Traps, atlas: AtlasClient, body: object) -> None:
    """An error of the family, not of the decoder."""
    traps.will(answers(200, body if body is not None else b"null"))

    with pytest.raises(Unreadable):
        list(atlas.anchors({}))


def test_a_measurement_of_an_unknown_status_is_one(traps: Traps, atlas: AtlasClient) -> None:
    """The platform may add numbers."""
    traps.will(answers(200, {**MEASUREMENT, "status": {"id": 42, "name": "Pensive"}}))

    measurement = atlas.measurement(7)

    assert (measurement.status.name, measurement.status_id, measurement.status_name) == ("UNKNOWN", 42, "Pensive")
    assert not measurement.status.is_final


@pytest.mark.parametrize("body", [[], "text", {"type": "ping"}, {"id": "7", "type": "ping"}, {"id": 7, "tags": 1}])
def test_a_measurement_that_is_none_is_unreadable(traps: Traps, atlas: AtlasClient, body: object) -> None:
    """An error of the family."""
    traps.will(answers(200, body))

    with pytest.raises(Unreadable):
        atlas.measurement(7)
