"""Places in a document, as JSON pointers (RFC 6901), where pydantic finds something wrong with it."""

from collections.abc import Iterable, Mapping
from typing import Any


def pointer_to(place: Iterable[int | str], document: object) -> str:
    """A JSON pointer (RFC 6901) to a place in a document, as pydantic names it.

    Pydantic goes on inside of a number or a text, with the kind that it was tried as: no document has such a place. Nor
    has it one for the kind of a part that says itself of which kind it is.
    """
    pointer, here, steps = "", document, list(place)
    for n, step in enumerate(steps, 1):
        if not isinstance(here, Mapping | list | tuple):
            break
        if isinstance(here, Mapping) and step not in here and n < len(steps):
            continue
        pointer += pointer_of((step,))
        here = here.get(step) if isinstance(here, Mapping) else _entry(here, step)
    return pointer


def pointer_of(place: Iterable[int | str]) -> str:
    """A JSON pointer to a place, whether or not there is anything yet."""
    steps = (str(step).encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)


def pointer_of_error(told: Mapping[str, Any], place: Iterable[int | str], document: object) -> str:
    """Where something that pydantic tells of is wrong; a check of a whole part says in its context where inside."""
    return pointer_to(place, document) + pointer_of(told.get("ctx", {}).get("place", ()))


def _entry(those: list[object] | tuple[object, ...], step: int | str) -> object:
    return those[step] if isinstance(step, int) and step < len(those) else None


def is_told_inside(pointer: str, problems: Iterable[tuple[str, str]]) -> bool:
    """Whether something inside of a place is wrong: then what is said of the whole follows from it."""
    return any(other.startswith(f"{pointer}/") for other, _ in problems if pointer)
