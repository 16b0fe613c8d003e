"""The public page of what is measured and under which agreement. It needs no key and no script.

All that people wrote is escaped: a title is free text.
"""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.operations.show_measured import show_measured
from app.web.counting import counted, duration, plural

router = APIRouter(include_in_schema=False)
_PAGE = Template((Path(__file__).parent / "measured.html").read_text(encoding="utf-8"))
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
PRACTICE = (
    '<p class="label"><strong>This is practice.</strong> Demonstration representatives, who speak for nobody, agreed '
    "on what is below, the memorandum’s dates are made up, and nothing is measured on the Internet.</p>"
)
CLAUSES = {
    "II.1": "IPv6",
    "II.2": "routing security (RPKI)",
    "II.3": "resilience",
    "II.4": "training",
    "II.5": "insight into the Internet",
    "II.6": "policy",
    "II.9": "national infrastructure",
}
DATA_CLASSES = {
    "public": "public data",
    "ripe_ncc_managed": "data managed by the RIPE NCC",
    "agreed_collection": "collected by agreement",
    "party_provided": "provided by a party",
}


@router.get("/measured", response_class=HTMLResponse)
def measured(request: Request) -> HTMLResponse:
    """Show the page."""
    service = request.app.state.service
    with service.snapshot() as connection:
        told = show_measured(connection, service.now_at(), service.label)
    return HTMLResponse(page(told), headers=HEADERS)


def page(told: Mapping[str, Any]) -> str:
    """The page that says what `GET /api/v1/measured` answers."""
    return _PAGE.substitute(content="\n".join(_parts(told)))


def _parts(told: Mapping[str, Any]) -> Iterable[str]:
    memorandum = told["memorandum"]
    if told["practice_begun_at"] is not None:
        yield PRACTICE
    yield f"<h2>The memorandum</h2>\n<p>{escape(memorandum['words'])}</p>"
    if not memorandum["is_in_force"]:
        yield "<p>While it is not in force, nothing may be measured under any agreement.</p>"
    yield f"<h2>In force{_number(told['agreements'])}</h2>"
    yield from map(_agreement, told["agreements"])
    if not told["agreements"]:
        yield "<p>The parties have agreed on nothing that holds now: nothing is measured.</p>"
    if told["ended"]:
        yield "<h2>Ended within a year</h2>"
        yield _list(map(_ended, told["ended"]))
    yield from _rehearsed(told["rehearsed"])
    if told["opted_out"] or told["n_opted_out_unnamed"]:
        yield "<h2>Not measured, as the owner wishes</h2>"
        yield _list(_opted_out(told))
    yield f"<h2>How to ask for a stop</h2>\n<p>{escape(told['how_to_stop'])}</p>"
    yield f"<p>As of {_at(told['generated_at'])}.</p>"


def _rehearsed(told: Mapping[str, Any]) -> Iterable[str]:
    if not told["agreements"] and not told["ended"]:
        return
    yield f"<h2>Rehearsed{_number(told['agreements'])}</h2>"
    yield '<p class="label">Practice on a rehearsal Atlas: nothing below is or was measured on the Internet.</p>'
    yield from map(_agreement, told["agreements"])
    if told["ended"]:
        yield "<h3>Ended within a year</h3>"
        yield _list(map(_ended, told["ended"]))


def _agreement(told: Mapping[str, Any]) -> str:
    rows = [
        ("Purpose", escape(told["purpose"])),
        ("Serves", f"Article {told['clause']}, {CLAUSES[told['clause']]}: {escape(told['national_priority'])}"),
        ("Measured", _list(map(_kind, told["measurements"]))),
        ("From", f"{_list(map(_probes, told['selections']))}at most {counted(told['max_probes'], 'probe')}"),
        ("When", f"{_at(told['starts_at'])} to {_at(told['ends_at'])}"),
        ("Running now", _runs(told["runs"])),
        ("Data", f"{DATA_CLASSES[told['data_class']]}; {_kept(told['retention'])}"),
        ("On RIPE Atlas", _publicity(told)),
        ("Conflicts of interest", _list(map(escape, told["conflicts_of_interest"])) or "none named"),
        ("Agreed by", _list(f"{escape(one['name'])}, {_at(one['approved_at'])}" for one in told["agreed_by"])),
        ("What they agreed on", f"version {told['version']}, <code>{told['digest']}</code>"),
        ("To ask for a stop", _list(map(escape, told["contacts"]))),
    ]
    notes = "".join(f'\n<p class="label">{note}</p>' for note in _notes(told))
    terms = "\n".join(f"<dt>{name}</dt><dd>{said}</dd>" for name, said in rows)
    title = f"{escape(told['title'])} <small>· agreement {told['agreement_id']}</small>"
    return f"<article>\n<h3>{title}</h3>{notes}\n<dl>\n{terms}\n</dl>\n</article>"


def _notes(told: Mapping[str, Any]) -> Iterable[str]:
    if told["label"] == "rehearsed":
        yield "Rehearsed: it is practice."
    if told["state"] == "suspended":
        yield "Suspended: nothing is measured under it for now."
    if told["is_narrowed"]:
        yield "A party has had less measured since than was agreed on; what holds now is shown."


def _kind(one: Mapping[str, Any]) -> str:
    target = "the probes’ own resolvers" if one["target"] is None else escape(one["target"])
    often = "once" if one["interval_s"] is None else f"at most every {duration(one['interval_s'])}"
    return f"{one['type']} to {target}, IPv{one['address_family']}, {often}"


def _probes(one: Mapping[str, Any]) -> str:
    """What they have in common is in the platform's words."""
    requested = "all probes" if one["requested"] == "all" else counted(one["requested"], "probe")
    if one["value"] is None:
        return f"{requested}, chosen one by one"
    return f"{requested} of {one['by']} {escape(one['value'])}"


def _kept(retention: Mapping[str, int]) -> str:
    raw, probe_level = (counted(retention[name], "day") for name in ("raw_days", "probe_level_days"))
    return f"raw results are kept for {raw}, values of single probes for {probe_level}"


def _publicity(told: Mapping[str, Any]) -> str:
    if told["label"] == "rehearsed":
        return "nothing: it is practice"
    if told["is_public"] and told["is_publicity_approved"]:
        return "everybody may see the measurements there; all three parties approved that on its own"
    return "the measurements are not public there"


def _runs(runs: Iterable[Mapping[str, Any]]) -> str:
    return _list(_run(one) for one in runs) or "nothing"


def _run(run: Mapping[str, Any]) -> str:
    """Of one label. What is rehearsed never reads like a measurement."""
    if run["label"] != "measured":
        return f"<strong>{escape(run['label'])}</strong>, not measured on the Internet: {run['n_running']}"
    links = [f'<a href="{escape(one["address"])}">{one["atlas_id"]}</a>' for one in run["measurements"]]
    others = run["n_running"] - len(links)
    return ", ".join([*links, *([f"{others} not public"] if others else [])])


def _ended(told: Mapping[str, Any]) -> str:
    how = "withdrawn" if told["state"] == "withdrawn" else "expired"
    running = sum(run["n_running"] for run in told["runs"])
    left = f"; {running} {plural(running, 'measurement')} not yet seen to have stopped" if running else ""
    return f"{escape(told['title'])} (agreement {told['agreement_id']}): {how} {_at(told['ended_at'])}{left}"


def _opted_out(told: Mapping[str, Any]) -> Iterable[str]:
    for one in told["opted_out"]:
        yield f"{escape(one['target'])}, since {_at(one['opted_out_at'])}"
    if told["n_opted_out_unnamed"]:
        yield f"{told['n_opted_out_unnamed']} more, which are no public service and are not named"


def _list(entries: Iterable[str]) -> str:
    items = "".join(f"<li>{entry}</li>" for entry in entries)
    return f"<ul>{items}</ul>" if items else ""


def _at(text: str) -> str:
    """`2027-01-15T08:00:00Z` as people read it."""
    return f'<time datetime="{text}">{text[:10]} {text[11:16]} UTC</time>'


def _number(entries: list[Any]) -> str:
    return f" ({len(entries)})" if entries else ""
