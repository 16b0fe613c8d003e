"""Faster methods for Sagan's reader of DNS messages, each with the behaviour of the one it replaces.

See `sagan_speed`. What is not an ordinary name goes to the original, which also words the errors.
"""

from typing import Any

from ripe.atlas.sagan.helpers import abuf

_POINTER = 0xC0
_LONGEST_LABEL = 63
_MAX_POINTERS = 255
_parser = abuf.AbufParser
_clean_up_string = _parser._clean_up_string  # noqa: SLF001 - this module exists to replace it
_do_name = _parser._do_name  # noqa: SLF001 - as above
_TYPES = {number: _parser._type_to_text(number) for number in (*range(256), 32768, 32769)}  # noqa: SLF001 - as above
_CLASSES = {number: _parser._class_to_text(number) for number in range(256)}  # noqa: SLF001 - as above


def type_to_text(rdatatype: Any) -> Any:
    """As Sagan's, from a table that is built once."""
    return _TYPES.get(rdatatype, rdatatype)


def class_to_text(rdataclass: Any) -> Any:
    """As Sagan's, from a table that is built once."""
    return _CLASSES.get(rdataclass, rdataclass)


def clean_up_string(_: type, strng: Any) -> str:
    """As Sagan's, at once for text that needs no escapes."""
    plain = _plain(strng) if type(strng) is bytes else None
    return _clean_up_string(strng) if plain is None else plain


def _plain(octets: bytes) -> str | None:
    if not octets.isascii():
        return None
    text = octets.decode("ascii")
    return text if text.isprintable() and '"' not in text and "\\" not in text else None


def do_name(_: type, buf: Any, offset: int, recurs: int, error: list[Any]) -> Any:
    """As Sagan's, for a name of plain labels that lies within the message."""
    found = _read_name(buf, offset, recurs) if type(buf) is bytes else None
    return found or _do_name(buf, offset, recurs, error)


def _read_name(buf: bytes, offset: int, n_pointers: int) -> tuple[int, str] | None:
    """The offset after a name and its text, or None for anything out of the ordinary."""
    labels: list[str] = []
    end = -1
    is_start = True
    size = len(buf)
    while offset < size and n_pointers <= _MAX_POINTERS:
        length = buf[offset]
        if length == 0:
            # A name, or what a pointer leads to, that is empty is written as a dot of its own.
            text = ".".join(labels) + "." if labels else ""
            return (offset + 1 if end < 0 else end, text + "." if is_start else text)
        if length <= _LONGEST_LABEL:
            offset += 1
            label = _plain(buf[offset : offset + length])
            offset += length
            if label is None or offset > size:
                return None
            labels.append(label)
            is_start = False
        elif length >= _POINTER and offset + 2 <= size:
            if end < 0:
                end = offset + 2
            offset = (length & ~_POINTER) << 8 | buf[offset + 1]
            n_pointers += 1
            is_start = True
        else:
            return None
    return None


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (_parser, "_type_to_text", staticmethod(type_to_text)),
    (_parser, "_class_to_text", staticmethod(class_to_text)),
    (_parser, "_clean_up_string", classmethod(clean_up_string)),
    (_parser, "_do_name", classmethod(do_name)),
)
