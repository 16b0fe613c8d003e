"""A hash is what the module says it is, and depends on everything that an entry says and on where it stands."""

import hashlib
import json

import pytest

from measurements.agreements.audit import (
    GENESIS,
    Act,
    Deed,
    Entry,
    SubjectKind,
    hash_of,
    in_dushanbe,
    in_utc,
    readable,
    says,
)
from measurements.canonical import canonical
from tests.audit import AGREEMENT, DEEDS, DIGEST, T0, altered, chain

FOURTH = chain()[3]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_hash_is_made_as_it_is_written() -> None:
    """Spelled out, so that a change of the form cannot pass unnoticed: whatever was hashed before would be void."""
    told = (
        f'{{"act":"vote_cast","actor":"7","answer":null,"at":{T0 + 120},"designation_id":2,'
        f'"details":"{{\\"choice\\":\\"approve\\"}}","digest":"{DIGEST}","party":"tojiktelecom","reason":null,'
        '"request_id":null,"subject_id":"3","subject_kind":"agreement","version":1}'
    )
    link = (
        f'{{"content":"{digest(told)}","number":4,"previous":"{chain()[2].hash}",'
        '"subject_id":"3","subject_kind":"agreement"}'
    )

    assert FOURTH.hash == digest(link)


def test_the_first_entry_of_a_known_chain_has_a_known_hash() -> None:
    first = chain()[0]

    assert first.previous == GENESIS == "0" * 64
    assert first.hash == "ba5bcdf098d2f80ffc7c6c4843eb952a1cf29312e5aae5351dd90ed058b9e941"


@pytest.mark.parametrize("name", [name for name in Entry._fields if name != "hash"])
def test_every_field_is_in_the_hash(name: str) -> None:
    """Whatever is put there instead."""
    filled = FOURTH._replace(reason="asked", request_id="r-7", answer="{}")
    value = getattr(filled, name)
    others = (value + 1 if isinstance(value, int) else f"{value}x", None, "", 0)

    assert len({hash_of(altered(filled, name, other)) for other in (value, *others)}) == 5


def test_an_entry_says_everything_but_its_place() -> None:
    assert set(says(FOURTH)) == set(Entry._fields) - {"number", "previous", "hash"}


def test_canonical_json_keeps_letters_and_damaged_bytes() -> None:
    assert canonical({"б": "Душанбе", "a": 1}) == '{"a":1,"б":"Душанбе"}'.encode()
    assert canonical({"a": b"\xd0".decode("utf-8", "surrogateescape")}) == b'{"a":"\xd0"}'
    assert readable(b"\xd0!".decode("utf-8", "surrogateescape")) == "\\xd0!"


def test_details_are_one_text_whatever_the_order_they_were_given_in() -> None:
    one, other = ({"a": 1, "b": [None]}, {"b": [None], "a": 1})
    made = [
        chain([Deed(at=T0, act=Act.POLICY_SET, person_id=1, subject=AGREEMENT, details=told)]) for told in (one, other)
    ]

    assert made[0] == made[1]
    assert json.loads(made[0][0].details or "") == one


def test_an_instant_is_told_in_both_zones() -> None:
    assert (in_utc(T0), in_dushanbe(T0)) == ("2026-11-24T06:00:00Z", "2026-11-24T11:00:00+05:00")
    assert in_utc(2**62) == str(2**62), "a damaged one as it is"


def test_the_service_is_an_actor_of_its_own() -> None:
    """No person has its name: people go by number."""
    assert [entry.actor for entry in chain()] == ["service", "7", "8", "7", "service", "9"]


def test_names_fit_into_one_word() -> None:
    """They are shown, filtered by, and given as `agreement:3`."""
    words = [*Act, *SubjectKind]

    assert [word for word in words if not word.replace("_", "").isalpha() or not word.islower()] == []
    assert len({deed.act for deed in DEEDS}) == 5
