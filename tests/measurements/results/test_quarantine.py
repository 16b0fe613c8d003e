"""Quarantine: every reason can be told to a person."""

import pytest

from measurements.results.quarantine import QuarantineReason


@pytest.mark.parametrize("reason", list(QuarantineReason))
def test_every_reason_is_explained_in_one_plain_sentence(reason: QuarantineReason) -> None:
    """No abbreviation of the format, no name of a key, no code."""
    sentence = reason.explanation

    assert sentence.endswith(".")
    assert sentence.count(".") == 1
    assert not any(mark in sentence for mark in ("`", "_", "msm", "prb"))
    assert 6 <= len(sentence.split()) <= 25


def test_no_two_reasons_are_explained_alike() -> None:
    """A person can tell them apart."""
    assert len({reason.explanation for reason in QuarantineReason}) == len(QuarantineReason)
