"""The one door to Sagan: a record of RIPE Atlas in, a result that can be trusted out."""

from measurements.results.parsing.door import UNSUPPORTED_TYPES, parse

__all__ = ["UNSUPPORTED_TYPES", "parse"]
