"""How often Python looks for cycles among objects: seldom, since records and rows have none."""

import gc

ALLOCATIONS = 50_000
"""Objects made, less those gone, before the youngest are looked through; Python's own 700 are made by a few records."""


def collect_seldom() -> None:
    """Leave alone what is loaded already, and look through the rest seldom.

    A batch of results or an answer of a thousand rows makes tens of thousands of tuples that all go by themselves.
    Looking through them took a fifth of the time of an ingest, and made one answer in twenty take twice as long.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 20, 50)
