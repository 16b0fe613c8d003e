"""A rehearsal before which clients that others wrote are tried: what takes seconds is begun at once."""

import json
import re
from pathlib import Path
from typing import Any

from tests.app.rehearsal.foreign_clients.clients import Begun, Clients
from tests.rehearsing import RehearsedAtlas

K_ROOT = "193.0.14.129"
EXAMPLES = str(Path(__file__).parents[3] / "clients" / "examples.py")
DESCRIPTION = "asked for by a client that others wrote"
SLOW = {
    "reach": f"blaeu-reach --country TJ --requested 5 --verbose {K_ROOT}",
    "resolve": f"blaeu-resolve --country TJ --requested 5 -4 -x {K_ROOT} --nsid --type TXT --class CHAOS hostname.bind",
    "own resolvers": "blaeu-resolve --country TJ --requested 4 -4 --type A k.root-servers.net",
    "traceroute": f"blaeu-traceroute --country TJ --requested 3 --simpleformat {K_ROOT}",
    "measure ping": f"ripe-atlas measure ping --target {K_ROOT} --from-country TJ --probes 4",
    "measure traceroute": f"ripe-atlas measure traceroute --target {K_ROOT} --from-country TJ --probes 3",
    "measure dns": f"ripe-atlas measure dns --target {K_ROOT} --from-country TJ --probes 3 --set-nsid-bit"
    " --query-class CHAOS --query-type TXT --query-argument hostname.bind",
}
"""What waits for results; all of it is begun at once."""
Results = list[dict[str, Any]]


class Bench:
    """A rehearsal and the clients that are tried on it."""

    def __init__(self, atlas: RehearsedAtlas, clients: Clients) -> None:
        self.atlas = atlas
        self.run = clients.run
        self._begun: dict[str, Begun] = {}
        self._said: dict[str, str] = {}
        for name, command in SLOW.items():
            described = ("--description", DESCRIPTION) if command.startswith("ripe-atlas") else ()
            self._begun[name] = clients.begin(*command.split(), *described)
        for name in ("measure", "listen"):
            self._begun[name] = clients.begin("python", EXAMPLES, name, atlas.key)

    def said(self, name: str) -> str:
        """What one of the slow ones printed, once it has ended."""
        if name not in self._said:
            self._said[name] = self._begun[name].said()
        return self._said[name]

    def example(self, name: str) -> Any:
        """What an example of Cousteau found."""
        slow = name in self._begun
        return json.loads(self.said(name) if slow else self.run("python", EXAMPLES, name, self.atlas.key))

    def results(self, measurement_id: int, **filters: Any) -> Results:
        """Results as our own plain client reads them."""
        with self.atlas.client() as client:
            found: Results = client.get(f"/measurements/{measurement_id}/results/", params=filters).json()
        return found

    def end(self) -> None:
        """No client stays."""
        for each in self._begun.values():
            each.end()


def number_in(said: str) -> int:
    """The measurement that a client says it asked for."""
    found = re.search(r"(?:Measurement #?|Test #)(\d+)", said)
    assert found, said
    return int(found[1])


def lines_with(word: str, said: str) -> list[str]:
    """The lines in which a word stands."""
    return [line.strip() for line in said.splitlines() if word in line]
