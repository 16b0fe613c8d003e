"""Stock Sagan alone, on one core: read every line of a file and ask the results what a user needs of them.

A script of its own, run in a process of its own, that imports nothing of Rasad: Sagan as it was published.
It keeps nothing. Prints `{"n": …, "seconds": …}`, the seconds without start-up.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from ripe.atlas.sagan import Result

SILENTLY = {"on_error": Result.ACTION_IGNORE, "on_malformation": Result.ACTION_IGNORE}


def read(result: Any) -> tuple[Any, ...]:
    """What a user needs of any result, and of its kind."""
    heading = (
        result.measurement_id,
        result.probe_id,
        result.created_timestamp,
        result.firmware,
        result.af if result.type != "dns" else None,
        result.is_error,
    )
    return heading + READERS[result.type](result)


def read_ping(result: Any) -> tuple[Any, ...]:
    """Counters, RTTs and their statistics."""
    return (
        result.destination_address,
        result.protocol,
        result.packets_sent,
        result.packets_received,
        result.duplicates,
        result.rtt_min,
        result.rtt_average,
        result.rtt_median,
        result.rtt_max,
        [packet.rtt for packet in result.packets],
    )


def read_traceroute(result: Any) -> tuple[Any, ...]:
    """Whether it arrived, over how many hops, and every reply of each."""
    return (
        result.destination_address,
        result.protocol,
        result.destination_ip_responded,
        result.total_hops,
        result.last_median_rtt,
        [
            (hop.index, hop.median_rtt, [(packet.origin, packet.rtt, packet.ttl) for packet in hop.packets])
            for hop in result.hops
        ],
    )


def read_dns(result: Any) -> tuple[Any, ...]:
    """Every response, with the message in it."""
    return (result.responses_total, [read_response(response) for response in result.responses])


def read_response(response: Any) -> tuple[Any, ...]:
    """Time, and of the message: code, flags, identity and answers."""
    message = response.abuf
    timing = (response.destination_address, response.protocol, response.response_time, response.response_size)
    if message is None or message.header is None:
        return timing
    nsid = message.edns0 and [option.nsid for option in message.edns0.options if option.nsid]
    answers = [(answer.type, answer.klass, answer.raw_data) for answer in message.answers]
    return (*timing, message.header.return_code, message.header.aa, nsid, answers)


READERS = {"ping": read_ping, "traceroute": read_traceroute, "dns": read_dns}


def main() -> None:
    """Read the file named on the command line; `orjson` after it takes that for Python's own `json`."""
    lines = Path(sys.argv[1]).read_bytes().splitlines()
    loads = orjson.loads if "orjson" in sys.argv[2:] else json.loads
    started = time.perf_counter()
    n = sum(1 for line in lines if read(Result.get(loads(line), **SILENTLY)))
    seconds = time.perf_counter() - started
    assert not {"app", "measurements"} & sys.modules.keys(), "this is no longer stock Sagan"
    print(json.dumps({"n": n, "seconds": seconds}))


if __name__ == "__main__":
    main()
