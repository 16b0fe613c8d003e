"""What every request is asked beyond its schema: that a parameter with one value is given once."""

from collections import Counter

from fastapi import Request

from app.errors import known_parameters
from measurements.errors import InvalidFilter


def given_once(request: Request) -> None:
    """Raise InvalidFilter for a parameter given twice that is no list: of two values neither may win silently."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    often = [name for name, count in counts.items() if count > 1]
    known = known_parameters(request) if often else {}
    for name in often:
        if name in known and known[name].get("type") != "array":
            raise InvalidFilter(name, "may be given only once")
