"""`rasad target` and `rasad reminders`: what is due, where names lead, and what a party says to it."""

import json
from pathlib import Path

from app.operations.look_after_targets import look_after_targets
from app.operations.remind import remind
from app.rehearsal.world import make_world, named_scenario
from app.store.engine import create_engine_for, transactions
from measurements.agreements.addresses import MemoryResolver
from measurements.agreements.parties import Party
from measurements.units import instant
from tests.agreeing_rehearsed import Run, runner, set_up
from tests.clocks import ManualClock
from tests.databases import MakeDatabase
from tests.rehearsing import EPOCH, rehearsing

NIC = ("--owner", "ITC", "--contact", "noc@example.tj", "--type", "dns")


def listed(run: Run, key: str) -> dict[str, dict[str, object]]:
    entries = json.loads(run("target", "list", "--json", key=key).stdout)["targets"]
    return {one["name"]: one for one in entries}


def test_a_drift_is_shown_and_a_party_confirms_it(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    engine = create_engine_for(url)
    clock = ManualClock(instant(EPOCH))
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        run = runner(url, atlas, tmp_path)
        keys = set_up(run)
        key = keys[Party.TOJIKTELECOM]
        run("target", "put", "ns1.nic.tj", *NIC, "--address", "192.0.2.1", key=key)
        resolver = MemoryResolver({"ns1.nic.tj": frozenset({"192.0.2.7"})})
        look_after_targets(transactions(engine), resolver, clock)
        drifted = listed(run, key)["ns1.nic.tj"]
        table = run("target", "list", key=key).stdout
        again = run("target", "put", "ns1.nic.tj", *NIC, key=key).stderr
        machine = run("target", "confirm", "ns1.nic.tj", "--address", "192.0.2.7", exit_code=1).stderr
        run("target", "confirm", "ns1.nic.tj", "--address", "192.0.2.7", key=key)
        run("target", "consent", "ns1.nic.tj", "--reference", "letter 8", "--until", "2030-01-01", key=key)
        proposed = listed(run, key)["ns1.nic.tj"]["waiting"]
        assert isinstance(proposed, dict)
        run("target", "approve", "ns1.nic.tj", str(proposed["number"]), key=keys[Party.RIPE_NCC])
        run("target", "notice", "ns1.nic.tj", "--reference", "mail of 1 December", key=key)
        confirmed = listed(run, key)["ns1.nic.tj"]
        run("target", "withdraw-consent", "ns1.nic.tj", key=key)
        withdrawn = listed(run, key)["ns1.nic.tj"]
        run("audit", "verify")
    engine.dispose()

    assert (drifted["pinned_addresses"], drifted["seen_addresses"]) == (["192.0.2.1"], ["192.0.2.7"])
    assert drifted["drifted_at"]
    assert "192.0.2.7" in table
    assert "leads elsewhere" in again
    assert "The role does not allow it" in machine
    assert (confirmed["pinned_addresses"], confirmed["drifted_at"]) == (["192.0.2.7"], None)
    assert confirmed["notified_at"]
    consent, over = confirmed["consent"], withdrawn["consent"]
    assert isinstance(consent, dict)
    assert isinstance(over, dict)
    assert (consent["reference"], consent["until_at"]) == ("letter 8", "2030-01-01T00:00:00Z")
    assert over["until_at"] < consent["until_at"]


def test_a_party_sees_its_reminders_and_acknowledges_one(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    engine = create_engine_for(url)
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        run = runner(url, atlas, tmp_path)
        keys = set_up(run)
        made = remind(transactions(engine), ManualClock(instant(EPOCH)))
        own = next(one for one in made if one.party is Party.TOJIKTELECOM)
        number = str(own.reminder_id)
        machine = run("reminders", "acknowledge", number, exit_code=1).stderr
        other = run("reminders", "acknowledge", number, key=keys[Party.RIPE_NCC], exit_code=1).stderr
        said = run("reminders", "acknowledge", number, key=keys[Party.TOJIKTELECOM]).stderr
        still = json.loads(run("reminders", "list", "--due", "--json").stdout)["reminders"]
        every = json.loads(run("reminders", "list", "--json").stdout)["reminders"]
        table = run("reminders", "list", "--due").stdout
    engine.dispose()

    assert "The role does not allow it" in machine
    assert f"there is no reminder {number}" in other
    assert "Tojiktelecom JSC" in said
    assert len(every) == len(made) == len(still) + 1
    assert own.reminder_id not in [one["id"] for one in still]
    assert "ripe_ncc" in table
