"""DNS messages byte by byte."""

import dns.message
import pytest

from measurements.results.parsing.wire import PROBE_BUFFER_BYTES, is_whole, printable, read_header, read_message

HEADER = bytes.fromhex("b0f2840000010000000000000161000001 0001".replace(" ", ""))
"""An authoritative response to `a. IN A` without answers."""


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"ns1.nl-ams.k.ripe.net", "ns1.nl-ams.k.ripe.net"),
        (b'say "hi"', 'say "hi"'),
        (b"back\\slash", "back\\092slash"),
        (b"\x00\x1f\x7f\xff", "\\000\\031\\127\\255"),
    ],
)
def test_bytes_are_shown_in_one_form(octets: bytes, text: str) -> None:
    """Printable ASCII as it is; a backslash and everything else by number, so that no two byte strings look alike."""
    assert printable(octets) == text


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (HEADER, True),
        (HEADER + b"more", True),
        (HEADER[:-1], False),
        (HEADER[:11], False),
        (b"", False),
        (b"\x00" * 12, True),
    ],
)
def test_a_message_is_whole_if_all_its_records_are_there(wire: bytes, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """More bytes than announced do no harm; fewer do."""
    assert is_whole(wire) is expected


def test_a_record_that_claims_more_than_there_is_is_not_whole() -> None:
    """Sagan takes what there is of it for all of it."""
    message = dns.message.make_response(dns.message.make_query("a.", "TXT"))
    message.answer.append(dns.rrset.from_text("a.", 60, "IN", "TXT", "abc"))
    wire = message.to_wire()

    assert is_whole(wire)
    assert not is_whole(wire[:-1])


def test_a_header_alone_is_readable_only_where_a_cut_is_known() -> None:
    """Truncation announced by the server (TC), or the probe's buffer full; and a response, not a query."""
    is_truncated = bytes.fromhex("b0f286000001000000000000")
    is_query = bytes.fromhex("b0f206000001000000000000")

    assert read_header(is_truncated).is_readable
    assert read_header(HEADER[:12] + b"x" * PROBE_BUFFER_BYTES).is_readable
    assert not read_header(HEADER[:12]).is_readable
    assert not read_header(is_query).is_readable
    assert not read_header(b"short").is_readable


def test_a_header_tells_how_it_went_even_if_nothing_else_can_be_read() -> None:
    """RCODE and authority."""
    header = read_header(HEADER[:3] + b"\x05" + HEADER[4:12])

    assert (header.rcode, header.is_authoritative, header.text) == ("REFUSED", True, None)


def test_a_whole_message_is_read_by_dnspython() -> None:
    """Where Sagan could not: everything that is used of a message."""
    query = dns.message.make_query("id.server.", "TXT", "CH", use_edns=True)
    message = dns.message.make_response(query)
    message.answer.append(dns.rrset.from_text("id.server.", 0, "CH", "TXT", '"site a" "b"'))
    message.answer.append(dns.rrset.from_text("a.", 0, "IN", "SOA", "m. r. 4294967295 1 1 1 1"))
    message.use_edns(options=[dns.edns.GenericOption(dns.edns.OptionType.NSID, b"\xfe\x01")])
    message.set_rcode(dns.rcode.BADCOOKIE)
    read = read_message(message.to_wire())

    assert (read.is_readable, read.rcode, read.is_authoritative) == (True, "BADCOOKIE", False)
    assert (read.nsid, read.text, read.soa_serial) == ("\\254\\001", "site a b", 4294967295)
    assert (read.query_name, read.query_type, read.query_class) == ("id.server.", "TXT", "CH")


def test_what_dnspython_cannot_read_leaves_the_header() -> None:
    """A text whose length lies, in a record whose length does not."""
    record = b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x02\x09x"
    read = read_message(HEADER[:6] + b"\x00\x01" + HEADER[8:] + record)

    assert (read.is_readable, read.rcode, read.text) == (False, "NOERROR", None)
