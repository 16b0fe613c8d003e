"""Numbers in the sentences of pages."""

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def plural(count: int, word: str) -> str:
    """The word for so many: 1 day, 2 days."""
    return word if count == 1 else f"{word}s"


def counted(count: int, word: str) -> str:
    """So many of something."""
    return f"{count:,} {plural(count, word)}"


def duration(seconds: int) -> str:
    """In the largest unit that it is a whole number of."""
    for size, word in UNITS:
        if seconds % size == 0:
            return counted(seconds // size, word)
    return counted(seconds, "second")
