"""The platform's limits: each is named with its figures, and nothing that the rehearsal refuses is found to fit."""

import random
from fractions import Fraction
from typing import Any

import pytest

from app.rehearsal.api.creation import create
from app.rehearsal.api.envelope import Refused
from app.rehearsal.api.keys import DEMONSTRATION_KEY, DEMONSTRATION_KEYS
from app.rehearsal.api.platform import Limits, Platform
from measurements.agreements.card import Allowed, Selected
from measurements.agreements.intent import Intent
from measurements.agreements.reasons import Reason
from measurements.campaigns.limits import USUAL, Excess, Limit, Load, PlatformLimits, exceeded, forecast, load_of
from measurements.units import DAY_S
from tests.app.rehearsal.tiny import NoFaults, TinyWorld
from tests.measurements.agreements.making import NOW, make_intent
from tests.rehearsing import EPOCH

LATER = NOW + DAY_S


def load(**changes: Any) -> Load:
    """Little, to one target, for a day."""
    return Load("k-root", 10, 3_600, Fraction(1, 12), 10_800, LATER)._replace(**changes)


def test_nothing_beside_it_fits() -> None:
    assert forecast([], load(), USUAL, NOW) is None
    assert forecast([load(target="other", ends_at=None)] * 99, load(), PlatformLimits(results_per_day=10**6,
                    credits_per_day=10**7), NOW) is None  # fmt: skip


ALONE: dict[Limit, dict[str, Any]] = {
    Limit.PROBES: {"n_probes": 1_001},
    Limit.RESULTS_PER_DAY: {"results_per_day": 100_001},
    Limit.RESULTS_PER_S: {"results_per_s": Fraction(101, 2)},
    Limit.CREDITS_PER_DAY: {"credits_per_day": 1_000_001},
}


@pytest.mark.parametrize("limit", ALONE)
def test_what_is_too_much_by_itself_never_fits(limit: Limit) -> None:
    excess = forecast([], load(**ALONE[limit]), USUAL, NOW)

    assert excess is not None
    assert (excess.limit, excess.fits_at) == (limit, None)
    assert f"and {excess.allowed} are allowed" in excess.figures


@pytest.mark.parametrize(
    ("limit", "beside"),
    [
        (Limit.CONCURRENT, [load(target=f"t{n}", ends_at=NOW + 10 + n) for n in range(100)]),
        (Limit.PER_TARGET, [load(ends_at=NOW + 10 + n) for n in range(25)]),
        (Limit.RESULTS_PER_DAY, [load(results_per_day=97_000, ends_at=NOW + 10)]),
        (Limit.CREDITS_PER_DAY, [load(credits_per_day=990_000, ends_at=NOW + 10)]),
    ],
)
def test_what_is_too_much_together_fits_once_enough_is_over(limit: Limit, beside: list[Load]) -> None:
    """Whatever ends first makes room here."""
    wide = PlatformLimits(results_per_day=10**6, credits_per_day=10**7)
    limits = wide if limit in (Limit.CONCURRENT, Limit.PER_TARGET) else USUAL
    excess = forecast(beside, load(), limits, NOW)

    assert excess is not None
    assert (excess.limit, excess.fits_at) == (limit, NOW + 10)
    assert excess.figures.endswith(" It would fit from 2027-01-15T08:00:10Z on.")
    assert forecast(beside, load(), limits, NOW + 10) is None
    assert forecast([one._replace(ends_at=None) for one in beside], load(), limits, NOW) == excess._replace(
        fits_at=None
    )


def test_all_that_is_exceeded_is_told() -> None:
    """And each has a reason of the gate's."""
    much = load(n_probes=2_000, results_per_day=10**6, results_per_s=Fraction(90), credits_per_day=10**7)
    found = list(exceeded([load()] * 100, much, USUAL, NOW))

    assert [one.limit for one in found] == list(Limit)
    assert all(one.limit.reason.explanation for one in found)
    assert len({one.limit.reason for one in found}) == len(Limit)
    assert found[0] == Excess(Limit.CONCURRENT, 100, 101, LATER)


def test_an_intent_adds_its_whole_schedule() -> None:
    """Of a one-off one result from each probe, and no rate."""
    periodic = make_intent(stop_at=NOW + 2 * DAY_S)
    assert load_of(periodic) == Load("k-root", 20, 7_200, Fraction(20, 120), 21_600, NOW + 2 * DAY_S)
    once = periodic._replace(allowed=periodic.allowed.model_copy(update={"interval_s": None}))
    assert load_of(once) == Load("k-root", 20, 20, Fraction(0), 120, NOW + 60 + 900)


THEIRS = {
    "concurrent measurements.": Reason.TOO_MANY_AT_ONCE,
    "to the same target": Reason.TOO_MANY_AT_TARGET,
    "probes per measurement": Reason.TOO_MANY_PROBES_FOR_PLATFORM,
    "results per day": Reason.TOO_MANY_RESULTS_PER_DAY,
    "results per second": Reason.TOO_MANY_RESULTS_PER_SECOND,
    "credits per day": Reason.TOO_MANY_CREDITS_PER_DAY,
}


@pytest.mark.parametrize("seed", range(6))
def test_what_the_rehearsal_refuses_for_a_limit_was_found_to_exceed_it(seed: int) -> None:
    """Until one is refused, measurements are added; small limits, so that every kind is met."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    limits = PlatformLimits(6, 3, 9, 30_000, 2, 90_000)
    theirs = Limits(*limits, strangers={})
    platform = Platform(TinyWorld(), NoFaults(), lambda: EPOCH, limits=theirs)
    held: list[Load] = []
    n_refused = 0
    for _ in range(60):
        intent = _drawn(draw)
        own = load_of(intent)
        found = {one.limit.reason for one in exceeded(held, own, limits, EPOCH)}
        refused = _refused(platform, intent)
        assert refused <= found, (intent, refused, found)
        n_refused += bool(refused)
        if not refused:
            held.append(own)
    assert n_refused > 10


def _drawn(draw: random.Random) -> Intent:
    allowed = Allowed(
        target=draw.choice(["193.0.14.129", "192.0.2.1", "192.0.2.2"]), type="ping", address_family=4,
        parameters={"packets": draw.randint(1, 16)}, interval_s=draw.choice([None, 60, 240, 900, 3_600]),
    )  # fmt: skip
    selected = Selected(by="country", value="TJ", requested=draw.randint(1, 10))
    return make_intent()._replace(
        allowed=allowed, selections=(selected,), start_at=EPOCH + 60, stop_at=EPOCH + DAY_S, is_public=True
    )


def _refused(platform: Platform, intent: Intent) -> set[Reason]:
    definition, allowed = intent.allowed.definition(), intent.allowed
    told = {
        "type": "ping",
        "af": 4,
        "description": "-",
        "target": allowed.target,
        "packets": allowed.parameters["packets"],
    }
    periodic = {"interval": allowed.interval_s, "spread": definition.effective_spread_s} if allowed.interval_s else {}
    probes = [{"type": "country", "value": "TJ", "requested": intent.n_probes}]
    stop = {} if intent.is_oneoff else {"stop_time": intent.stop_at}
    body = {"definitions": [told | periodic], "probes": probes, "is_oneoff": intent.is_oneoff, **stop}
    try:
        create(platform, DEMONSTRATION_KEYS[DEMONSTRATION_KEY], body, EPOCH)
    except Refused as refusal:
        return {next(reason for text, reason in THEIRS.items() if text in one.detail) for one in refusal.mistakes}
    return set()
