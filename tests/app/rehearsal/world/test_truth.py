"""The ground truth: what is told of a world is what happened in it."""

from app.rehearsal.world import RehearsedWorld, named_scenario
from tests.app.rehearsal.world.worlds import DAY, EPOCH, HOUR, PING, builtin, probe_ids, quiet

ON, OFF = 6 * HOUR, 12 * HOUR
WHEN = {"from": "6h", "to": "12h"}
BROADBAND, NODE = 64497, 64501
LEFT_NINE_DAYS_AGO = 9_100_013


def test_the_ground_truth_says_what_was_applied() -> None:
    """Instants, probes and sizes, with what K-root was before and during it."""
    world = quiet(
        {"kind": "site_withdrawal", **WHEN, "sites": ["tj-dyu"]},
        {"kind": "loss", "from": "2d", "to": "3d", "share": 0.1},
        {"kind": "disconnection", **WHEN, "every": "1d", "countries": ["KG"]},
    )
    told = world.ground_truth(EPOCH, EPOCH + 2 * DAY)
    withdrawal, disconnection = told["signals"]

    assert (told["scenario"], told["seed"], told["epoch"]) == ("test", 1, EPOCH)
    assert withdrawal["occurrences"] == [{"from": EPOCH + ON, "to": EPOCH + OFF}]
    assert withdrawal["probes"] == sorted({*probe_ids(world, asn_v4=BROADBAND), *probe_ids(world, asn_v4=NODE)})
    assert {(e["before"]["site"], e["after"]["site"]) for e in withdrawal["effects"]} == {
        ("tj-dyu", "ru-led"),
        ("tj-dyu", "de-fra"),
    }
    assert all(e["after"]["rtt_ms"] > e["before"]["rtt_ms"] + 30 for e in withdrawal["effects"])
    assert [o["from"] - EPOCH for o in disconnection["occurrences"]] == [ON, ON + DAY]
    assert disconnection["probes"] == probe_ids(world, country_code="KG")
    assert told["outages"] == []


def test_the_ground_truth_tells_the_usual_outages() -> None:
    """Each is missing in the results."""
    world = RehearsedWorld(1, named_scenario("calm"), EPOCH)
    told = world.ground_truth(EPOCH, EPOCH + 14 * DAY)
    gaps = [one for one in told["outages"] if one["mode"] == "off" and one["to"] - one["from"] > HOUR]

    assert told["signals"] == []
    assert gaps
    for gap in gaps:
        assert not list(world.results(builtin(PING), [gap["probe"]], gap["from"], gap["to"] - 1))


def test_practice_is_different_every_day_of_the_week() -> None:
    """And began before the epoch, so that the past has something to find."""
    world = RehearsedWorld(1, named_scenario(), EPOCH)

    for week in (-3, 0, 5):
        days = [
            world.ground_truth(EPOCH + (7 * week + day) * DAY, EPOCH + (7 * week + day + 1) * DAY) for day in range(7)
        ]
        kinds = [{signal["kind"] for signal in day["signals"]} for day in days]
        assert all(kinds)
        assert set.union(*kinds) == {
            *("latency_shift", "path_change", "catchment_change", "site_withdrawal"),
            *("loss", "disconnection", "interception", "serial_lag"),
        }


def test_the_whole_truth_begins_with_the_first_signal() -> None:
    """Also where that was before the epoch, and of probes that have left since."""
    told = RehearsedWorld(1, named_scenario(), EPOCH).whole_truth(EPOCH)
    kinds = {signal["kind"]: signal for signal in told["signals"]}

    assert told["from"] < EPOCH - 27 * DAY
    assert len(kinds) == 8
    assert min(len(signal["occurrences"]) for signal in kinds.values()) >= 3
    assert LEFT_NINE_DAYS_AGO in kinds["disconnection"]["probes"]
    assert quiet().whole_truth(EPOCH + DAY)["from"] == EPOCH
