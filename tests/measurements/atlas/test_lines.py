"""Whatever the results and however the network cuts them, they come out as they went in."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from measurements.atlas.failures import AtlasFailure, CutOff
from measurements.atlas.lines import result_lines

TEXTS = st.text(alphabet='ab"\\{}[],: \n\té', max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
RESULTS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=4).map(lambda one: json.dumps(one).encode()), max_size=6)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def blocks(body: bytes, cuts: list[int]) -> list[bytes]:
    """The body, cut there."""
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    return [body[begin:end] for begin, end in pairwise(places)]


@given(results=RESULTS, cuts=CUTS, comma=st.sampled_from([b",", b" ,\n "]))
def test_results_are_the_same_as_lines_and_as_a_list(results: list[bytes], cuts: list[int], comma: bytes) -> None:
    """Verbatim."""
    as_lines = b"".join(result + b"\n" for result in results)
    as_list = b"[" + comma.join(results) + b"]\n"

    assert list(result_lines("GET /", blocks(as_lines, cuts), is_framed=True)) == results
    assert list(result_lines("GET /", blocks(as_list, cuts), is_framed=False)) == results


@given(results=RESULTS, cuts=CUTS, at=st.integers(0, 400))
def test_a_list_that_is_cut_off_gives_its_beginning_and_says_so(results: list[bytes], cuts: list[int], at: int) -> None:
    """Every whole result before the cut, and no half."""
    body = b"[" + b",".join(results) + b"]"
    cut = body[: max(1, min(at, len(body) - 1))]
    found: list[bytes] = []

    try:
        found.extend(result_lines("GET /", blocks(cut, cuts), is_framed=True))
    except CutOff:
        assert found == results[: len(found)]
    else:
        raise AssertionError("a list without its end passed for whole")


@given(body=st.binary(max_size=200), cuts=CUTS)
def test_whatever_comes_is_lines_or_a_failure_of_the_family(body: bytes, cuts: list[int]) -> None:
    """Nothing else is raised."""
    try:
        found = list(result_lines("GET /", blocks(body, cuts), is_framed=True))
    except AtlasFailure:
        return
    assert all(found)
