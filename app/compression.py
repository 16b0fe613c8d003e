"""Zstandard, as the standard library has it from Python 3.14 on: how records are kept, and how some dumps come."""

import sys
from threading import local

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor, ZstdError, ZstdFile, decompress
else:
    from backports.zstd import ZstdCompressor, ZstdError, ZstdFile, decompress

__all__ = ["MAGIC", "ZstdError", "ZstdFile", "compress", "decompress"]

MAGIC = b"\x28\xb5\x2f\xfd"
"""How a frame begins (RFC 8878, section 3.1.1)."""
LEVEL = 3


class _Mine(local):
    """A compressor for each thread: making one takes longer than a record does, and one cannot serve two at once."""

    def __init__(self) -> None:
        self.compressor = ZstdCompressor(level=LEVEL)


_mine = _Mine()


def compress(content: bytes) -> bytes:
    """The content as one frame."""
    return _mine.compressor.compress(content, ZstdCompressor.FLUSH_FRAME)
