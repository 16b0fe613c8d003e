"""Quarantine: why a record is kept but not used, in words for people who never read a record."""

from enum import StrEnum


class QuarantineReason(StrEnum):
    """The closed set of reasons. A detail for engineers is kept beside each quarantined record."""

    NOT_JSON = "not_json"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_RESULT = "not_a_result"
    UNKNOWN_TYPE = "unknown_type"
    WRONG_TYPE = "wrong_type"
    IMPOSSIBLE_VALUE = "impossible_value"
    NO_RESULT_BODY = "no_result_body"
    PARSER_FAILED = "parser_failed"
    OUTSIDE_CONSENT = "outside_consent"
    ERASED = "erased"

    @property
    def explanation(self) -> str:
        """One sentence that a person without knowledge of the format understands."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    QuarantineReason.NOT_JSON: "The text is not in the format (JSON) in which RIPE Atlas delivers results.",
    QuarantineReason.TRUNCATED: "The record ends in the middle, as after an interrupted download.",
    QuarantineReason.TOO_LARGE: "The record is far longer than any real result and was not read.",
    QuarantineReason.NOT_AN_OBJECT: "The record is a bare value, not a result with named fields.",
    QuarantineReason.NOT_A_RESULT: "The record lacks a field that every result has: measurement, probe, time or type.",
    QuarantineReason.UNKNOWN_TYPE: "The record is of a type of measurement that RIPE Atlas is not known to offer.",
    QuarantineReason.WRONG_TYPE: "A field holds another kind of value than it should, such as text for a number.",
    QuarantineReason.IMPOSSIBLE_VALUE: "A field holds a value that cannot be, for example more replies than packets.",
    QuarantineReason.NO_RESULT_BODY: "The record names a measurement and a probe, but not what was observed.",
    QuarantineReason.OUTSIDE_CONSENT: "It was measured when no agreement of the parties covered it.",
    QuarantineReason.ERASED: "Its agreement has results of that time erased, so nothing of it is kept.",
    QuarantineReason.PARSER_FAILED: "The record looks like a result, but its observations could not be read.",
}
