"""Figures that stay when the values of single probes are erased: which may, and how they stand in an answer."""

from collections.abc import Iterable, Mapping, Sequence

from measurements.series.estimate import weight_scheme
from measurements.series.query import Scope, SeriesQuery
from measurements.series.rows import Flag, SeriesRow

NEVER = -1


def may_stay(row: SeriesRow, min_probes: int, min_networks: int) -> SeriesRow | None:
    """The row as it may be kept; None where all of it would tell of single probes.

    Of a network with too few probes nothing stays. Of the country stays without a value that, and how much, came.
    """
    is_of_few = row.n_probes < min_probes
    if row.scope == Scope.ASN:
        return None if is_of_few else row
    few = [Flag.TOO_FEW_PROBES] * is_of_few + [Flag.TOO_FEW_NETWORKS] * (row.n_asns < min_networks)
    if not few:
        return row
    if row.instance is not None:
        return None
    if row.value is None:
        return row
    others = (flag for flag in row.flags if flag != Flag.WEIGHTING_MATTERS)
    return row._replace(value=None, ci_low=None, ci_high=None, ci_method=None, flags=(*few, *others))


def answers(row: SeriesRow, query: SeriesQuery) -> bool:
    """Whether a kept figure answers a question about its metric: one about the same probes, weighed alike."""
    if query.probe_ids or row.weight_scheme != weight_scheme(query.weight, query.scope):
        return False
    if query.scope is Scope.ASN:
        is_asked = query.country_code is None and (not query.asns or row.asn in query.asns)
    else:
        is_asked = not query.asns and query.country_code in (None, row.country_code)
    return (
        is_asked
        and query.address_family in (None, row.address_family)
        and query.protocol in (None, row.protocol)
        and (not query.atlas_ids or set(row.atlas_ids) <= set(query.atlas_ids))
    )


def with_kept(rows: Iterable[SeriesRow], kept: Sequence[SeriesRow], erased_until: Mapping[int, int]) -> list[SeriesRow]:
    """The rows of an answer beside those that were kept; `erased_until` is by Atlas's numbers, in seconds, UTC.

    A row that rests on what is left of an erased time says so, and nothing of what was expected. One that rests on
    nothing else is none where a figure was kept.
    """
    told = {(row.bin_at, atlas_id) for row in kept for atlas_id in row.atlas_ids}
    shown = [_erased(row) for row in kept]
    for row in rows:
        erased = {one for one in row.atlas_ids if row.bin_at < erased_until.get(one, NEVER)}
        if not erased:
            shown.append(row)
        elif erased != set(row.atlas_ids) or not any((row.bin_at, one) in told for one in erased):
            shown.append(_left(row))
    return sorted(shown, key=lambda row: row.bin_at)


def _left(row: SeriesRow) -> SeriesRow:
    unknown = _erased(row)._replace(n_expected=None, completeness=None)
    return unknown._replace(flags=(Flag.PROBE_VALUES_ERASED,)) if Flag.NO_RESULT in row.flags else unknown


def _erased(row: SeriesRow) -> SeriesRow:
    return row._replace(flags=(*row.flags, Flag.PROBE_VALUES_ERASED))
