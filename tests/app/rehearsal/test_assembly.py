"""The ground truth of a rehearsal: what was made to go wrong, as it is written to a file."""

import json
from pathlib import Path

from app.rehearsal.api.creation import create
from app.rehearsal.api.entries import Span, arrived
from app.rehearsal.api.keys import DEMONSTRATION_KEY
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.api.platform import Limits
from app.rehearsal.assembly import Options, Rehearsal
from app.rehearsal.contract import FIRST_PROBE_ID
from app.rehearsal.faults.plan import read_plan
from tests.app.rehearsal.asking import wanted
from tests.app.rehearsal.tiny import N_PROBES, TinyWorld
from tests.rehearsing import EPOCH


def test_the_ground_truth_names_who_says_nothing_and_whose_clock_is_wrong(tmp_path: Path) -> None:
    """The enlisted probes that never report, of our own measurements alone; and those that a rule strikes."""
    path, rules = tmp_path / "truth.json", [{"kind": "silent", "probability": 0.5}, {"kind": "clock_skew"}]
    options = Options(
        EPOCH, 0, plan=read_plan({"rules": rules}, EPOCH), limits=Limits(strangers={"193.0.14.129": 2}),
        habits=Habits(1, silent_share=0.5, short_share=1.0), ground_truth_file=path,
    )  # fmt: skip
    rehearsal = Rehearsal(TinyWorld(), options, lambda: 0.0)
    platform = rehearsal.platform
    everywhere = {"type": "area", "value": "WW", "requested": 10}
    (created,) = create(platform, platform.keys[DEMONSTRATION_KEY], wanted(probes=[everywhere]), EPOCH)
    rehearsal.clock.advance(EPOCH + 3600)
    rehearsal.write_ground_truth()
    told = json.loads(path.read_text())
    (entry,) = told["measurements"]
    assert (entry["id"], entry["requested"], entry["enlisted"]) == (created.id, 10, 9)
    (plan,) = told["faults"]["plans"]
    now, measurement = platform.now(), platform.find(created.id)
    assert measurement is not None
    said = {each.body["prb_id"] for each in arrived(platform.faults, measurement, Span(EPOCH, now, now))}
    enlisted = {member.probe_id for member in platform.members(created, now)}
    assert enlisted - said == enlisted & {*entry["silent"], *plan["probes"]["0"]}
    assert 0 < len(entry["silent"]) < 9
    assert 0 < len(plan["probes"]["0"]) < N_PROBES
    assert plan["probes"]["1"] == [FIRST_PROBE_ID + each for each in range(N_PROBES)]
