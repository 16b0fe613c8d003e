"""A recording of our own laboratory, small enough to come with the project: what a newcomer sees first.

Nothing here was measured on the Internet, and nothing came from the RIPE Atlas platform. The results were written
by the real measurement code of a RIPE Atlas software probe (firmware 5120) in an isolated network of ours; their
addresses are those set aside for documentation, and the K-root in them is a stand-in that answers in its style.
The probe ids (9,000,001 to 9,000,006) make every one of them `laboratory`, whatever label is asked for.

- `laboratory.ndjson.gz`: 2,249 results of 25 minutes toward the stand-in, in the order in which the platform would
  have stored them: ping, traceroute and DNS, IPv4 and IPv6. Meanwhile a transit slows down, a path and with it the
  answering site changes, an access network is cut off for 3.5 minutes, packets are lost and duplicated, a name
  server stops, and one probe is switched off.
- `probes.json`: the six probes as the platform would describe them; `ZZ` is a country code that ISO 3166 never assigns.
- `measurements.json`: the nine measurements: how often they were due, and of whom.
"""

from pathlib import Path

_HERE = Path(__file__).parent
LABORATORY_RESULTS = _HERE / "laboratory.ndjson.gz"
LABORATORY_PROBES = _HERE / "probes.json"
LABORATORY_MEASUREMENTS = _HERE / "measurements.json"
LABORATORY_BEGAN_AT = 1_795_471_549
"""When the recording begins, seconds since the epoch, by the laboratory's clock."""
