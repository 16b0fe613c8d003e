"""All tables, in one metadata object with named constraints."""

from app.store.tables.audit import access_log, audit_entries
from app.store.tables.base import metadata
from app.store.tables.campaigning import campaign_rounds, campaign_versions, campaigns, round_cells
from app.store.tables.collecting import fetched_windows, followed, owed, rechecks, ticks, watermarks
from app.store.tables.consent import (
    agreements,
    amendment_votes,
    amendments,
    catalogue,
    confirmations,
    consultations,
    narrowings,
    notices,
    rulings,
    signatures,
    suspensions,
    terms,
    versions,
    votes,
    withdrawals,
)
from app.store.tables.dispatching import decisions, dispatches
from app.store.tables.listings import registry_facts, registry_listings
from app.store.tables.operating import alerts, messages, vital_signs
from app.store.tables.owners import catalogue_states, consent_checks, loosenings
from app.store.tables.people import answers, designations, keys, people, wrong_tries
from app.store.tables.plan import acceptances, activities, cadences, endorsements, milestones, plans, reviews
from app.store.tables.practice import practice
from app.store.tables.probes import known_probes, probe_choices, probe_exclusions
from app.store.tables.raw import deliveries, raw_records, sources
from app.store.tables.registry import measurements, probe_snapshots
from app.store.tables.reminders import reminders
from app.store.tables.requesting import request_dispatches, requests
from app.store.tables.results import results
from app.store.tables.retention import kept_figures, tombstones
from app.store.tables.series import bins, samples, series
from app.store.tables.treasury import accounts, credit_entries

__all__ = [
    "acceptances",
    "access_log",
    "accounts",
    "activities",
    "agreements",
    "alerts",
    "amendment_votes",
    "amendments",
    "answers",
    "audit_entries",
    "bins",
    "cadences",
    "campaign_rounds",
    "campaign_versions",
    "campaigns",
    "catalogue",
    "catalogue_states",
    "confirmations",
    "consent_checks",
    "consultations",
    "credit_entries",
    "decisions",
    "deliveries",
    "designations",
    "dispatches",
    "endorsements",
    "fetched_windows",
    "followed",
    "kept_figures",
    "keys",
    "known_probes",
    "loosenings",
    "measurements",
    "messages",
    "metadata",
    "milestones",
    "narrowings",
    "notices",
    "owed",
    "people",
    "plans",
    "practice",
    "probe_choices",
    "probe_exclusions",
    "probe_snapshots",
    "raw_records",
    "rechecks",
    "registry_facts",
    "registry_listings",
    "reminders",
    "request_dispatches",
    "requests",
    "results",
    "reviews",
    "round_cells",
    "rulings",
    "samples",
    "series",
    "signatures",
    "sources",
    "suspensions",
    "terms",
    "ticks",
    "tombstones",
    "versions",
    "vital_signs",
    "votes",
    "watermarks",
    "withdrawals",
    "wrong_tries",
]
