"""Hold the parties to their word: the database itself aborts what would have something permitted that was not agreed.

Whoever reaches the database with the service's own role meets the same laws as the service. They are written once, in
SQL that both databases understand, and named; the message of an abort says which law it was. On PostgreSQL the role
that migrates should be another than the one that serves: the owner of a table can drop its triggers.
"""

from typing import NamedTuple

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


class Law(NamedTuple):
    """A statement that is aborted where a condition holds. NEW and OLD are the row after and before."""

    name: str
    table: str
    event: str
    condition: str
    says: str


NEVER_CHANGED = {
    "signatures": ("party",),
    "terms": ("ends_on",),
    "notices": ("id",),
    "rulings": ("notice_id",),
    "confirmations": ("ends_on", "designation_id"),
    "amendments": ("id",),
    "amendment_votes": ("amendment_id", "party"),
    "agreements": ("id",),
    "consultations": ("agreement_id", "number", "party", "held_at"),
    "votes": ("agreement_id", "number", "party"),
    "withdrawals": ("agreement_id", "designation_id"),
    "narrowings": ("agreement_id", "narrowed_at"),
    "decisions": ("id",),
}
"""Facts: added, and never changed or removed. And by which columns a row is known."""
NEVER_REMOVED = {
    "versions": ("agreement_id", "number"),
    "suspensions": ("agreement_id", "from_at"),
    "dispatches": ("id",),
}

ALWAYS = "1 = 1"
DISPATCH = "FROM dispatches d WHERE d.id = NEW.dispatch_id"
VERSION = (
    "FROM dispatches d JOIN versions v ON v.agreement_id = d.agreement_id AND v.number = d.number "
    "WHERE d.id = NEW.dispatch_id AND v.digest = d.digest"
)


def _approvals(of: str, digest: str, until: str, more: str = "") -> str:
    """How many parties approved of a version by whoever they had designated then."""
    return (
        "(SELECT count(*) FROM votes w JOIN designations g ON g.id = w.designation_id AND g.party = w.party "
        f"WHERE w.agreement_id = {of}.agreement_id AND w.number = {of}.number AND w.digest = {digest} "
        f"AND w.choice = 'approve' AND w.cast_at <= {until} AND g.from_at <= w.cast_at "
        f"AND (g.until_at IS NULL OR w.cast_at < g.until_at){more})"
    )


IN_TIME = (
    "n.sent_at >= coalesce(t.amended_at, 0) AND (n.sent_at < t.notice_sure_at OR (n.sent_at < t.notice_over_at "
    "AND NOT EXISTS (SELECT 1 FROM rulings r WHERE r.notice_id = n.id AND NOT r.is_in_time)))"
)
"""Whether a notice n keeps a term t from being extended; one that nobody ruled on does."""
LAST_SET = "coalesce(t.amended_at, 0) = (SELECT max(coalesce(amended_at, 0)) FROM terms)"
MEMORANDUM_END = (
    f"coalesce((SELECT min(t.end_at) FROM terms t JOIN notices n ON {IN_TIME} WHERE {LAST_SET}), "
    f"(SELECT max(t.end_at) FROM terms t WHERE {LAST_SET}))"
)
"""As the parties last set it: the end of the term for which notice was given, or else of the last one."""

PERMITTED = (
    Law(
        "decisions_are_on_their_intent", "decisions", "INSERT",
        f"NEW.is_permitted AND NOT EXISTS (SELECT 1 {DISPATCH} AND d.intent_digest = NEW.intent_digest "
        "AND d.digest = NEW.digest)",
        "a decision permits the intent that it was made on, and no other",
    ),
    Law(
        "decisions_rest_on_a_submitted_version", "decisions", "INSERT",
        f"NEW.is_permitted AND NOT EXISTS (SELECT 1 {VERSION} AND v.submitted_at <= NEW.decided_at)",
        "nothing is permitted that rests on no submitted version with that digest",
    ),
    Law(
        "decisions_rest_on_three_votes", "decisions", "INSERT",
        f"NEW.is_permitted AND NOT EXISTS (SELECT 1 {VERSION} AND {_approvals('d', 'd.digest', 'NEW.decided_at')} = 3)",
        "nothing is permitted that not all three parties approved by whoever represented them",
    ),
    Law(
        "decisions_rest_on_the_newest_version", "decisions", "INSERT",
        f"NEW.is_permitted AND EXISTS (SELECT 1 {DISPATCH} AND EXISTS (SELECT 1 FROM versions o "
        "WHERE o.agreement_id = d.agreement_id AND o.number > d.number AND "
        f"{_approvals('o', 'o.digest', 'NEW.decided_at')} = 3))",
        "a newer version was agreed on",
    ),
    Law(
        "decisions_end_with_a_withdrawal", "decisions", "INSERT",
        f"NEW.is_permitted AND EXISTS (SELECT 1 {DISPATCH} AND EXISTS (SELECT 1 FROM withdrawals w "
        "WHERE w.agreement_id = d.agreement_id))",
        "a party has withdrawn",
    ),
    Law(
        "decisions_wait_while_it_is_suspended", "decisions", "INSERT",
        f"NEW.is_permitted AND EXISTS (SELECT 1 {DISPATCH} AND EXISTS (SELECT 1 FROM suspensions s "
        "WHERE s.agreement_id = d.agreement_id AND s.from_at <= NEW.decided_at "
        "AND (s.until_at IS NULL OR NEW.decided_at < s.until_at)))",
        "the agreement is suspended",
    ),
    Law(
        "decisions_keep_to_the_card", "decisions", "INSERT",
        f"NEW.is_permitted AND NOT EXISTS (SELECT 1 {VERSION} AND v.from_at <= NEW.decided_at "
        "AND NEW.decided_at < v.until_at AND v.from_at <= d.start_at AND d.start_at < d.stop_at "
        "AND d.stop_at <= v.until_at AND d.n_probes <= v.max_probes AND d.is_public = v.is_public)",
        "it goes beyond the time, the probes or the publicity that were agreed on",
    ),
    Law(
        "decisions_publish_what_all_want_public", "decisions", "INSERT",
        f"NEW.is_permitted AND EXISTS (SELECT 1 {DISPATCH} AND d.is_public AND "
        f"{_approvals('d', 'd.digest', 'NEW.decided_at', ' AND w.approves_publicity')} < 3)",
        "not all three parties approved that everybody may see it",
    ),
    Law(
        "decisions_keep_to_the_memorandum", "decisions", "INSERT",
        "NEW.is_permitted AND ((SELECT count(*) FROM signatures s WHERE s.from_at <= NEW.decided_at) < 3 "
        f"OR NOT EXISTS (SELECT 1 {DISPATCH} AND d.stop_at <= {MEMORANDUM_END}))",
        "the memorandum is not in force for as long as that",
    ),
)  # fmt: skip

LAWS = (
    *PERMITTED,
    Law(
        "dispatches_keep_their_intent", "dispatches", "UPDATE",
        " OR ".join(
            f"NEW.{name} <> OLD.{name}"
            for name in (
                "id", "label", "agreement_id", "number", "digest", "intent", "intent_digest", "tag", "n_probes",
                "credits", "start_at", "stop_at", "is_public", "intended_at",
            )
        ) + " OR coalesce(NEW.target, '') <> coalesce(OLD.target, '')",
        "an intent never changes: what became of it may be noted",
    ),
    Law(
        "dispatches_are_sent_where_permitted", "dispatches", "UPDATE",
        "NEW.sent_at IS NOT NULL AND OLD.sent_at IS NULL AND NOT EXISTS (SELECT 1 FROM decisions x "
        "WHERE x.dispatch_id = NEW.id AND x.is_permitted AND x.decided_at = NEW.sent_at "
        "AND x.id = (SELECT max(y.id) FROM decisions y WHERE y.dispatch_id = NEW.id))",
        "it is sent in the second in which the gate permitted it, or not at all",
    ),
    Law(
        "dispatches_begin_unsent", "dispatches", "INSERT",
        "NEW.sent_at IS NOT NULL OR NEW.atlas_id IS NOT NULL OR NEW.answered_at IS NOT NULL",
        "an intent is not sent yet",
    ),
    Law(
        "dispatches_are_answered_once", "dispatches", "UPDATE",
        "(OLD.sent_at IS NOT NULL AND (NEW.sent_at IS NULL OR NEW.sent_at <> OLD.sent_at)) OR "
        "(OLD.atlas_id IS NOT NULL AND (NEW.atlas_id IS NULL OR NEW.atlas_id <> OLD.atlas_id)) OR "
        "(NEW.atlas_id IS NOT NULL AND NEW.sent_at IS NULL)",
        "what was sent was sent once, and keeps the number that RIPE Atlas gave it",
    ),
    Law(
        "versions_are_drafted_first", "versions", "INSERT", "NEW.submitted_at IS NOT NULL",
        "a version is drafted and consulted about before it is submitted",
    ),
    Law(
        "versions_keep_their_card", "versions", "UPDATE",
        "OLD.submitted_at IS NOT NULL OR NEW.agreement_id <> OLD.agreement_id OR NEW.number <> OLD.number",
        "what was submitted never changes",
    ),
    Law(
        "versions_are_consulted_about", "versions", "UPDATE",
        "NEW.submitted_at IS NOT NULL AND (SELECT count(DISTINCT c.party) FROM consultations c "
        "WHERE c.agreement_id = NEW.agreement_id AND c.number = NEW.number AND c.held_at <= NEW.submitted_at) < 3",
        "every party is consulted before a version is submitted",
    ),
    Law(
        "votes_are_on_what_was_submitted", "votes", "INSERT",
        "NOT EXISTS (SELECT 1 FROM versions v WHERE v.agreement_id = NEW.agreement_id AND v.number = NEW.number "
        "AND v.digest = NEW.digest AND v.submitted_at <= NEW.cast_at)",
        "a vote is on the digest of what was submitted before",
    ),
    Law(
        "votes_are_cast_by_representatives", "votes", "INSERT",
        "NOT EXISTS (SELECT 1 FROM designations g WHERE g.id = NEW.designation_id AND g.party = NEW.party "
        "AND g.from_at <= NEW.cast_at AND (g.until_at IS NULL OR NEW.cast_at < g.until_at))",
        "a vote is cast by whom the party has designated at that time",
    ),
    Law(
        "amendment_votes_are_cast_by_representatives", "amendment_votes", "INSERT",
        "NOT EXISTS (SELECT 1 FROM designations g WHERE g.id = NEW.designation_id AND g.party = NEW.party "
        "AND g.from_at <= NEW.cast_at AND (g.until_at IS NULL OR NEW.cast_at < g.until_at))",
        "a vote is cast by whom the party has designated at that time",
    ),
    Law(
        "confirmations_come_after_the_last_day", "confirmations", "INSERT",
        "NOT EXISTS (SELECT 1 FROM terms t JOIN designations g ON g.id = NEW.designation_id "
        "WHERE t.ends_on = NEW.ends_on AND t.notice_over_at <= NEW.confirmed_at AND g.from_at <= NEW.confirmed_at "
        "AND (g.until_at IS NULL OR NEW.confirmed_at < g.until_at))",
        "a representative confirms that no notice was given when the last day for it is over",
    ),
    Law(
        "terms_are_extended_where_nobody_objects", "terms", "INSERT",
        "NEW.amendment_id IS NULL AND NOT EXISTS (SELECT 1 FROM terms t JOIN confirmations c ON c.ends_on = t.ends_on "
        "WHERE t.ends_on = NEW.follows_on AND t.end_at < NEW.end_at AND NEW.end_at <= t.end_at + 31622400 "
        "AND coalesce(NEW.amended_at, 0) = coalesce(t.amended_at, 0) "
        f"AND NOT EXISTS (SELECT 1 FROM notices n WHERE {IN_TIME}))",
        "a term is extended by a year where a representative confirmed that no notice was given, and none was",
    ),
    Law(
        "terms_are_amended_by_all", "terms", "INSERT",
        "NEW.amendment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM amendments a WHERE a.id = NEW.amendment_id "
        "AND a.ends_on = NEW.ends_on AND (SELECT count(*) FROM amendment_votes w WHERE w.amendment_id = a.id) = 3)",
        "a term is set by an amendment that all three parties approved",
    ),
    Law(
        "suspensions_end_once", "suspensions", "UPDATE",
        "OLD.until_at IS NOT NULL OR NEW.until_at IS NULL OR NEW.agreement_id <> OLD.agreement_id "
        "OR NEW.from_at <> OLD.from_at OR NEW.cause <> OLD.cause OR NEW.designation_id <> OLD.designation_id",
        "a suspension is ended, and changes in nothing else",
    ),
    *(
        Law(f"{table}_never_change", table, "UPDATE", ALWAYS,
            f"{table} never change")
        for table in NEVER_CHANGED
    ),
    *(
        Law(f"{table}_are_never_removed", table, "DELETE", ALWAYS,
            f"{table} are never removed")
        for table in NEVER_CHANGED | NEVER_REMOVED
    ),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(f"{table}_are_never_replaced", table, "INSERT",
            f"EXISTS (SELECT 1 FROM {table} held WHERE {' AND '.join(f'held.{key} = NEW.{key}' for key in keys)})",
            f"{table} are never replaced")
        for table, keys in (NEVER_CHANGED | NEVER_REMOVED).items()
    ),
)  # fmt: skip

CARD = {
    "sqlite": (
        "NEW.digest <> sha256_hex(NEW.card) "
        "OR NEW.from_at <> unixepoch(json_extract(NEW.card, '$.card.starts_at')) "
        "OR NEW.until_at <> unixepoch(json_extract(NEW.card, '$.card.ends_at')) "
        "OR NEW.max_probes <> json_extract(NEW.card, '$.card.max_probes') "
        "OR NEW.is_public <> json_extract(NEW.card, '$.card.is_public')"
    ),
    "postgresql": (
        "NEW.digest <> encode(sha256(convert_to(NEW.card, 'UTF8')), 'hex') "
        "OR NEW.from_at <> extract(epoch FROM (NEW.card::jsonb #>> '{card,starts_at}')::timestamptz) "
        "OR NEW.until_at <> extract(epoch FROM (NEW.card::jsonb #>> '{card,ends_at}')::timestamptz) "
        "OR NEW.max_probes <> (NEW.card::jsonb #>> '{card,max_probes}')::bigint "
        "OR NEW.is_public <> (NEW.card::jsonb #>> '{card,is_public}')::boolean"
    ),
}
"""Whether a version's columns say something else than its card. Where it is to be hashed on SQLite, the connection has
to know how: one that does not cannot write versions at all."""


def laws(dialect: str) -> tuple[Law, ...]:
    """All laws, as a database understands them."""
    says = "a version is what its card says, under the card and its digest"
    return (
        *LAWS,
        *(Law(f"versions_are_their_card_{event.lower()}", "versions", event, CARD[dialect], says)
          for event in ("INSERT", "UPDATE")),
    )  # fmt: skip


def upgrade() -> None:
    """Lay them down."""
    dialect = op.get_bind().dialect.name
    for law in laws(dialect):
        for statement in _on_sqlite(law) if dialect == "sqlite" else _on_postgresql(law):
            op.execute(statement)
    if dialect == "postgresql":
        _refuse_truncation()


def downgrade() -> None:
    """Lift them."""
    dialect = op.get_bind().dialect.name
    for law in laws(dialect):
        if dialect == "sqlite":
            op.execute(f"DROP TRIGGER {law.name}")
        else:
            op.execute(f"DROP FUNCTION {law.name}() CASCADE")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_truncation() CASCADE")


def _on_sqlite(law: Law) -> list[str]:
    trigger = f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} WHEN {law.condition}"
    return [f"{trigger} BEGIN SELECT RAISE(ABORT, '{law.says}'); END"]


def _on_postgresql(law: Law) -> list[str]:
    row = "OLD" if law.event == "DELETE" else "NEW"
    refuses = f"RAISE EXCEPTION '{law.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {law.condition} THEN {refuses}; END IF; RETURN {row}; END"
    return [
        f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()",
    ]


def _refuse_truncation() -> None:
    op.execute(
        "CREATE FUNCTION refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% are never removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in NEVER_CHANGED | NEVER_REMOVED:
        op.execute(
            f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
        )
