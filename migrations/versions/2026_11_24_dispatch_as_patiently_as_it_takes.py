"""Dispatch as patiently as it takes: what is not answered is looked up, what is refused for now is tried again.

And laws that ways around the others closed: a row that is known by another name is not replaced either, and a card that
says nothing is no card.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
COLUMNS = (
    ("lease_until_at", WHOLE, "until then whoever sends it has it to itself"),
    ("retry_at", WHOLE, "when it is tried again"),
    ("trouble", TEXT, "what stands in its way for now"),
    ("looked_at", WHOLE, "when it was last looked up by its tag"),
    ("missed_at", WHOLE, "when a look-up first found nothing"),
    ("lost_at", WHOLE, "when a second one did, so that it may be sent again"),
    ("referred_at", WHOLE, "since when a person has to decide"),
    ("found", TEXT, "JSON array: what there is under its tag that it was not sent as"),
)
LOOKS_APART_S = 600


class Law(NamedTuple):
    """A statement that is aborted where a condition holds. NEW and OLD are the row after and before."""

    name: str
    table: str
    event: str
    condition: str
    says: str


KEEPS_ITS_NUMBER = (
    "(OLD.atlas_id IS NOT NULL AND (NEW.atlas_id IS NULL OR NEW.atlas_id <> OLD.atlas_id)) OR "
    "(NEW.atlas_id IS NOT NULL AND NEW.sent_at IS NULL)"
)
ANSWERED_ONCE = "what was sent was sent once, and keeps the number that RIPE Atlas gave it"
REFUSED_BY_ATLAS = "(NEW.answered_at >= OLD.sent_at AND NEW.trouble IS NOT NULL AND NEW.retry_at IS NOT NULL)"
NEVER_MADE = (
    "(OLD.missed_at >= OLD.sent_at AND OLD.found IS NULL "
    f"AND NEW.lost_at >= OLD.missed_at + {LOOKS_APART_S} AND NEW.retry_at IS NOT NULL)"
)
ONE_AFTER_THE_OTHER = Law(
    "dispatches_are_answered_once", "dispatches", "UPDATE",
    "(OLD.sent_at IS NOT NULL AND NEW.sent_at IS NOT NULL AND NEW.sent_at <> OLD.sent_at) OR "
    "(OLD.sent_at IS NOT NULL AND NEW.sent_at IS NULL AND "
    f"(OLD.atlas_id IS NOT NULL OR NOT (coalesce({REFUSED_BY_ATLAS}, 1 = 0) OR coalesce({NEVER_MADE}, 1 = 0)))) "
    f"OR {KEEPS_ITS_NUMBER}",
    ANSWERED_ONCE,
)  # fmt: skip
ONCE = ONE_AFTER_THE_OTHER._replace(
    condition=f"(OLD.sent_at IS NOT NULL AND (NEW.sent_at IS NULL OR NEW.sent_at <> OLD.sent_at)) OR {KEEPS_ITS_NUMBER}"
)
"""As it was before this version."""

NAMES = (
    Law(
        "dispatches_keep_their_names", "dispatches", "INSERT",
        "EXISTS (SELECT 1 FROM dispatches held WHERE held.tag = NEW.tag "
        "OR (held.label = NEW.label AND held.atlas_id = NEW.atlas_id))",
        "dispatches are never replaced",
    ),
    Law(
        "dispatches_keep_their_numbers", "dispatches", "UPDATE",
        "EXISTS (SELECT 1 FROM dispatches held WHERE held.id <> OLD.id AND held.label = NEW.label "
        "AND held.atlas_id = NEW.atlas_id)",
        "dispatches are never replaced",
    ),
    *(
        Law(
            f"versions_keep_their_digests_{event.lower()}", "versions", event,
            "EXISTS (SELECT 1 FROM versions held WHERE held.agreement_id = NEW.agreement_id "
            "AND held.digest = NEW.digest AND held.number <> NEW.number)",
            "versions are never replaced",
        )
        for event in ("INSERT", "UPDATE")
    ),
)  # fmt: skip
"""By what else a row is known than its number. SQLite removes whatever stands in the way of an OR REPLACE, and asks no
law of removal."""

CARD_SAYS = "a version is what its card says, under the card and its digest"
MEMBERS = {
    "sqlite": {
        "digest": "sha256_hex(NEW.card)",
        "from_at": "unixepoch(json_extract(NEW.card, '$.card.starts_at'))",
        "until_at": "unixepoch(json_extract(NEW.card, '$.card.ends_at'))",
        "max_probes": "json_extract(NEW.card, '$.card.max_probes')",
        "is_public": "json_extract(NEW.card, '$.card.is_public')",
    },
    "postgresql": {
        "digest": "encode(sha256(convert_to(NEW.card, 'UTF8')), 'hex')",
        "from_at": "extract(epoch FROM (NEW.card::jsonb #>> '{card,starts_at}')::timestamptz)",
        "until_at": "extract(epoch FROM (NEW.card::jsonb #>> '{card,ends_at}')::timestamptz)",
        "max_probes": "(NEW.card::jsonb #>> '{card,max_probes}')::bigint",
        "is_public": "(NEW.card::jsonb #>> '{card,is_public}')::boolean",
    },
}
UNLIKE = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
"""What a card does not say is unlike as well."""


def _cards(dialect: str, unlike: str) -> tuple[Law, ...]:
    condition = " OR ".join(f"NEW.{name} {unlike} {said}" for name, said in MEMBERS[dialect].items())
    return tuple(
        Law(f"versions_are_their_card_{event.lower()}", "versions", event, condition, CARD_SAYS)
        for event in ("INSERT", "UPDATE")
    )


def upgrade() -> None:
    """Add the columns, then change the laws."""
    op.add_column(
        "dispatches",
        sa.Column("n_sent", WHOLE, nullable=False, server_default="0", comment="how often a call was about to be made"),
    )
    for name, kind, comment in COLUMNS:
        op.add_column("dispatches", sa.Column(name, kind, nullable=True, comment=comment))
    op.execute("UPDATE dispatches SET n_sent = 1 WHERE sent_at IS NOT NULL")
    dialect = op.get_bind().dialect.name
    changed = (ONE_AFTER_THE_OTHER, *_cards(dialect, UNLIKE[dialect]))
    for law in changed:
        _lift(law, dialect)
    for law in (*changed, *NAMES):
        _lay(law, dialect)
    _comment("when the call was about to be made; null again where it made none")


def downgrade() -> None:
    """Lift them, and drop the columns."""
    dialect = op.get_bind().dialect.name
    before = (ONCE, *_cards(dialect, "<>"))
    for law in (*before, *NAMES):
        _lift(law, dialect)
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("dispatches", name)
    op.drop_column("dispatches", "n_sent")
    for law in before:
        _lay(law, dialect)
    _comment("when the call was about to be made")


def _comment(says: str) -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite has none
        op.execute(f"COMMENT ON COLUMN dispatches.sent_at IS '{says}'")


def _lift(law: Law, dialect: str) -> None:
    op.execute(f"DROP TRIGGER {law.name}" if dialect == "sqlite" else f"DROP FUNCTION {law.name}() CASCADE")


def _lay(law: Law, dialect: str) -> None:
    for statement in _on_sqlite(law) if dialect == "sqlite" else _on_postgresql(law):
        op.execute(statement)


def _on_sqlite(law: Law) -> list[str]:
    trigger = f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} WHEN {law.condition}"
    return [f"{trigger} BEGIN SELECT RAISE(ABORT, '{law.says}'); END"]


def _on_postgresql(law: Law) -> list[str]:
    refuses = f"RAISE EXCEPTION '{law.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {law.condition} THEN {refuses}; END IF; RETURN NEW; END"
    return [
        f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()",
    ]
