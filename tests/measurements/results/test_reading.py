"""Why a record cannot be read: a function of its bytes."""

import pytest

from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason
from measurements.results.reading import read_record
from measurements.results.splitting import MAX_RECORD_BYTES

TEXT = '{"msm_id": 1001, "name": "Рас\\u0430д \\\\", "result": [{"rtt": 1.5e+1}, {"x": null}, true]}'.encode()


def reason_of(body: bytes) -> str | None:
    """As the database would hold it."""
    return read_record(body, Label.MEASURED).reason


def test_every_beginning_of_a_record_is_truncated() -> None:
    """Wherever the cut falls: within a word, a number, an escape, a character."""
    assert {reason_of(TEXT[:end]) for end in range(1, len(TEXT))} == {QuarantineReason.TRUNCATED}


@pytest.mark.parametrize(
    "body",
    [TEXT + b"}", TEXT + b"\xd0", TEXT[:5] + b"\xff" + TEXT[5:], b"{]", b"{'a'", b"x", b'{"a": "\xd0" ', b"\xd0\xd0"],
)
def test_what_is_wrong_before_its_end_is_not_json(body: bytes) -> None:
    """It would be wrong however it went on."""
    assert reason_of(body) == QuarantineReason.NOT_JSON


def test_a_record_at_the_limit_was_cut_there() -> None:
    """It is not read, whatever is in it."""
    assert reason_of(b"0" * MAX_RECORD_BYTES) == QuarantineReason.TOO_LARGE
    assert reason_of(b'"' + b"0" * (MAX_RECORD_BYTES - 3) + b'"') == QuarantineReason.NOT_AN_OBJECT


@pytest.mark.parametrize(
    ("probe_id", "label"),
    [
        *((b"9000001", Label.LABORATORY), (b"9000099", Label.LABORATORY), (b"9000100", Label.MEASURED)),
        *((b"9100000", Label.REHEARSED), (b"123456789012", Label.REHEARSED), (b"6001", Label.MEASURED)),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b'{"msm_id":1001,"prb_id":%s,"timestamp":1795471600,"type":"ping"}',
        b'{"msm_id":1001,"prb_id" : %s ,"timestamp":17954',
        b'{"prb_id":%s\xff',
        b'{"prb_id":"%s"}',
        b'{"prb_id":%s.0}',
        b'[{"prb_id":%s}]',
    ],
)
def test_whose_probe_it_is_decides_the_label(body: bytes, probe_id: bytes, label: Label) -> None:
    """Whole or damaged, and whatever was asked for: what is not measured is never among what is."""
    for asked in (Label.MEASURED, label):
        assert read_record(body % probe_id, asked).label is label
