"""The world: probes, names and networks, and whatever anybody measures in it."""

from collections.abc import Iterator, Sequence

from app.rehearsal.contract import Body, Network, Produced
from app.rehearsal.world import objects, rounds
from app.rehearsal.world.presence import Presence
from app.rehearsal.world.probes import Life, Vantage, settle
from app.rehearsal.world.reporting import Reporter
from app.rehearsal.world.scenario import Scenario
from app.rehearsal.world.selection import candidates
from app.rehearsal.world.signals import Mode
from app.rehearsal.world.targets import Directory
from app.rehearsal.world.truth import ground_truth
from app.rehearsal.world.weather import Weather


class RehearsedWorld:
    """What is out there; see `contract.World`. Everything follows from the seed, the scenario and the epoch."""

    def __init__(self, seed: int, scenario: Scenario, epoch: int) -> None:
        """`epoch` is the instant from which the scenario's offsets count."""
        self.seed, self.scenario, self.epoch = seed, scenario, epoch
        self._vantages = settle()
        self._directory = Directory(self._vantages)
        signals = scenario.placed(epoch, self._directory)
        self._presence = Presence(seed, epoch, signals, scenario.outages)
        self._weather = Weather(seed, signals)
        self._signals = signals
        self._fixed = {vantage.id: objects.fixed(vantage, self._presence) for vantage in self._vantages.values()}

    def probes(self, at: int) -> Sequence[Body]:
        """Every probe as the platform shows it at an instant, by id."""
        return [
            objects.probe(self._fixed[vantage.id], vantage, self._presence, at) for vantage in self._vantages.values()
        ]

    def anchors(self, at: int) -> Sequence[Body]:
        """Every anchor as the platform shows it, by id."""
        firsts = ((vantage, self._presence.first_connected(vantage)) for vantage in self._vantages.values())
        anchored = [vantage for vantage, first in firsts if vantage.is_anchor and first is not None and first <= at]
        return [objects.anchor(vantage, self._presence) for vantage in anchored]

    def builtins(self) -> Sequence[Body]:
        """The built-in measurements, by id."""
        return objects.builtins(sum(vantage.life is Life.WORKING for vantage in self._vantages.values()))

    def resolve(self, name: str, address_family: int) -> str | None:
        """The address of a name, or an address itself; None when there is none in that family."""
        return self._directory.resolve(name, address_family)

    def network_of(self, address: str) -> Network | None:
        """The network that announces an address."""
        return self._directory.network_of(address)

    def matching(self, source: Body, address_family: int, at: int) -> Sequence[int]:
        """Ids of the connected probes that a source matches, in the order of choice."""
        connected = [
            vantage
            for vantage in self._vantages.values()
            if vantage.has(address_family) and self._presence.outage(vantage, at) is None
        ]
        return candidates(self.seed, source, address_family, connected)

    def results(self, measurement: Body, probe_ids: Sequence[int], start: int, stop: int) -> Iterator[Produced]:
        """What the probes report, measured in [start, stop], in order of measuring."""
        reporter = Reporter(self.seed, measurement, self._directory, self._weather, self._presence)
        able = [probe_id for probe_id in probe_ids if self._may_report(probe_id, measurement)]
        for turn in rounds.due(self.seed, measurement, able, start, stop):
            vantage = self._vantages[turn.probe_id]
            outage = self._presence.outage(vantage, turn.at)
            if outage and outage.mode is Mode.OFF:
                continue
            yield reporter.report(vantage, turn, is_cut=outage is not None and outage.mode is Mode.CUT)

    def ground_truth(self, start: int, stop: int) -> Body:
        """What really happened in [start, stop): an object for a file."""
        told = ground_truth(
            self._signals,
            self._vantages.values(),
            (self._directory, self._weather, self._presence),
            (start, stop),
        )
        about = {"scenario": self.scenario.name, "seed": self.seed, "epoch": self.epoch, "from": start, "to": stop}
        return {**about, **told}

    def whole_truth(self, stop: int) -> Body:
        """The same from when on anything was made to happen: before the epoch, where the scenario says so."""
        return self.ground_truth(min([self.epoch, *(signal.start for signal in self._signals)]), stop)

    def _may_report(self, probe_id: int, measurement: Body) -> bool:
        vantage: Vantage | None = self._vantages.get(probe_id)
        return vantage is not None and vantage.life is not Life.NEVER and vantage.has(measurement.get("af") or 4)


def make_world(seed: int, scenario: Scenario, epoch: int) -> RehearsedWorld:
    """The world of a seed and a scenario; `epoch` (unix seconds) is where the scenario's offsets count from."""
    return RehearsedWorld(seed, scenario, epoch)
