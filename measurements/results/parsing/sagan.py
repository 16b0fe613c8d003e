"""Sagan as the readers use it: quiet, fast, and without a hand on the caller's record."""

from typing import Any

from ripe.atlas.sagan import Result

from measurements.results.parsing import sagan_speed

sagan_speed.install()


def parse_with(sagan_class: type[Any], record: dict[str, Any], **options: Any) -> Any:
    """What Sagan makes of the record, which stays as it is: Sagan would move `qbuf` into the result.

    Errors and malformations are not logged and raise nothing; the readers look for them themselves.
    Anything else that Sagan's coercions raise comes through. `options` are those of the class.
    """
    given = {key: value for key, value in record.items() if key != "qbuf"} if "qbuf" in record else record
    return sagan_class(given, on_error=Result.ACTION_IGNORE, on_malformation=Result.ACTION_IGNORE, **options)
