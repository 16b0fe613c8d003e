"""Keep who agreed to what: the memorandum's standing, agreements with their votes, intents and the gate's decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
PARTY = "party = 'ripe_ncc' OR party = 'communications_service' OR party = 'tojiktelecom'"
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
CHOICE = "choice = 'approve' OR choice = 'decline' OR choice = 'request_changes'"
PUBLICNESS = "publicness = 'for_anyone' OR publicness = 'public_service' OR publicness = 'by_consent'"
CAUSE = "cause = 'dispute' OR cause = 'resources'"
FIRST_TERM = {
    "ends_on": "2026-12-31",
    "end_at": 1_798_743_600,
    "notice_sure_at": 1_790_794_800,
    "notice_over_at": 1_790_805_600,
}
"""31 December 2026 is over in Dushanbe at 19:00 UTC; 30 September there at 19:00, and in Amsterdam at 22:00."""


def upgrade() -> None:
    """Create the tables, parents first, and the first term."""
    _catalogue()
    _memorandum()
    _agreements()
    _dispatches()


def downgrade() -> None:
    """Drop them, children first."""
    for table in (
        "decisions",
        "dispatches",
        "narrowings",
        "withdrawals",
        "suspensions",
        "votes",
        "consultations",
        "versions",
        "agreements",
        "amendment_votes",
        "confirmations",
        "rulings",
        "notices",
        "terms",
        "amendments",
        "signatures",
        "catalogue",
    ):
        op.drop_table(table)


def _catalogue() -> None:
    op.create_table(
        "catalogue",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("publicness", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("owner_party", TEXT, nullable=True),
        sa.Column("contact", TEXT, nullable=False),
        sa.Column("consent_reference", TEXT, nullable=True),
        sa.Column("consent_from_at", WHOLE, nullable=True),
        sa.Column("consent_until_at", WHOLE, nullable=True),
        sa.Column("allowed_types", TEXT, nullable=False, comment="JSON array"),
        sa.Column("max_packets_per_s", TEXT, nullable=False, comment="a decimal number"),
        sa.Column("is_tajik", FLAG, nullable=False),
        sa.Column("pinned_addresses", TEXT, nullable=False, comment="JSON array"),
        sa.Column("drifted_at", WHOLE, nullable=True),
        sa.Column("review_at", WHOLE, nullable=False),
        sa.Column("opted_out_at", WHOLE, nullable=True),
        sa.Column("changed_at", WHOLE, nullable=False),
        sa.CheckConstraint(PUBLICNESS, name=op.f("ck_catalogue_publicness")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_catalogue")),
        sqlite_strict=True,
    )


def _memorandum() -> None:
    op.create_table(
        "signatures",
        sa.Column("party", TEXT, nullable=False),
        sa.Column("signed_on", TEXT, nullable=False, comment="the calendar day, in Dushanbe"),
        sa.Column("from_at", WHOLE, nullable=False, comment="when that day begins there"),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_signatures_party")),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_signatures")),
        sqlite_strict=True,
    )
    op.create_table(
        "amendments",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("ends_on", TEXT, nullable=True, comment="the end that it sets; null where it sets none"),
        sa.Column(
            "is_reading_allowed",
            FLAG,
            nullable=True,
            comment="whether public results may be read; null: not its matter",
        ),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("proposed_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sqlite_strict=True,
    )
    op.create_table(
        "terms",
        sa.Column("ends_on", TEXT, nullable=False),
        sa.Column("end_at", WHOLE, nullable=False),
        sa.Column("notice_sure_at", WHOLE, nullable=False, comment="a notice sent before is in time everywhere"),
        sa.Column("notice_over_at", WHOLE, nullable=False, comment="and one sent from then on nowhere"),
        sa.Column("follows_on", TEXT, nullable=True, comment="the end of the term before; null for the first"),
        sa.Column("amendment_id", WHOLE, nullable=True, comment="the amendment that set it; null for an extension"),
        sa.Column("amended_at", WHOLE, nullable=True, comment="notices sent before are about an end that was"),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendments.id"], name=op.f("fk_terms_amendment_id_amendments")),
        sa.ForeignKeyConstraint(["follows_on"], ["terms.ends_on"], name=op.f("fk_terms_follows_on_terms")),
        sa.PrimaryKeyConstraint("ends_on", name=op.f("pk_terms")),
        sqlite_strict=True,
    )
    op.create_table(
        "notices",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("sent_at", WHOLE, nullable=False),
        sa.Column("recipients", TEXT, nullable=False, comment="JSON array of parties"),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_notices_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_strict=True,
    )
    op.create_table(
        "rulings",
        sa.Column("notice_id", WHOLE, nullable=False),
        sa.Column("is_in_time", FLAG, nullable=False),
        sa.Column("ruled_at", WHOLE, nullable=False),
        sa.Column("ruled_by", WHOLE, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_rulings_notice_id_notices")),
        sa.ForeignKeyConstraint(["ruled_by"], ["people.id"], name=op.f("fk_rulings_ruled_by_people")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_rulings")),
        sqlite_strict=True,
    )
    op.create_table(
        "confirmations",
        sa.Column("ends_on", TEXT, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("confirmed_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_confirmations_designation_id_designations")
        ),
        sa.ForeignKeyConstraint(["ends_on"], ["terms.ends_on"], name=op.f("fk_confirmations_ends_on_terms")),
        sa.PrimaryKeyConstraint("ends_on", "designation_id", name=op.f("pk_confirmations")),
        sqlite_strict=True,
    )
    op.create_table(
        "amendment_votes",
        sa.Column("amendment_id", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("cast_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_amendment_votes_party")),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendments.id"], name=op.f("fk_amendment_votes_amendment_id_amendments")
        ),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_amendment_votes_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("amendment_id", "party", name=op.f("pk_amendment_votes")),
        sqlite_strict=True,
    )
    op.bulk_insert(sa.table("terms", *(sa.column(name) for name in FIRST_TERM)), [FIRST_TERM])


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.Column("opened_by", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_agreements_opened_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sqlite_strict=True,
    )
    op.create_table(
        "versions",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("card", TEXT, nullable=False, comment="the canonical form"),
        sa.Column("digest", TEXT, nullable=False, comment="its SHA-256"),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=False),
        sa.Column("max_probes", WHOLE, nullable=False),
        sa.Column("is_public", FLAG, nullable=False),
        sa.Column("drafted_at", WHOLE, nullable=False),
        sa.Column("drafted_by", WHOLE, nullable=False),
        sa.Column("submitted_at", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_versions_agreement_id_agreements")),
        sa.ForeignKeyConstraint(["drafted_by"], ["people.id"], name=op.f("fk_versions_drafted_by_people")),
        sa.PrimaryKeyConstraint("agreement_id", "number", name=op.f("pk_versions")),
        sa.UniqueConstraint("agreement_id", "digest", name=op.f("uq_versions_agreement_id_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "consultations",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("held_at", WHOLE, nullable=False),
        sa.Column("shown", TEXT, nullable=False),
        sa.Column("comments", TEXT, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_consultations_party")),
        sa.ForeignKeyConstraint(
            ["agreement_id", "number"],
            ["versions.agreement_id", "versions.number"],
            name=op.f("fk_consultations_agreement_id_number_versions"),
        ),
        sa.PrimaryKeyConstraint("agreement_id", "number", "party", "held_at", name=op.f("pk_consultations")),
        sqlite_strict=True,
    )
    op.create_table(
        "votes",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("choice", TEXT, nullable=False),
        sa.Column("approves_publicity", FLAG, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("cast_at", WHOLE, nullable=False),
        sa.CheckConstraint(CHOICE, name=op.f("ck_votes_choice")),
        sa.CheckConstraint(PARTY, name=op.f("ck_votes_party")),
        sa.ForeignKeyConstraint(
            ["agreement_id", "number"],
            ["versions.agreement_id", "versions.number"],
            name=op.f("fk_votes_agreement_id_number_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_votes_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "number", "party", name=op.f("pk_votes")),
        sqlite_strict=True,
    )
    op.create_table(
        "suspensions",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=True),
        sa.CheckConstraint(CAUSE, name=op.f("ck_suspensions_cause")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_suspensions_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_suspensions_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "from_at", name=op.f("pk_suspensions")),
        sqlite_strict=True,
    )
    op.create_table(
        "withdrawals",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("withdrawn_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_withdrawals_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_withdrawals_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "designation_id", name=op.f("pk_withdrawals")),
        sqlite_strict=True,
    )
    op.create_table(
        "narrowings",
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("narrowed_at", WHOLE, nullable=False),
        sa.Column("card", TEXT, nullable=False, comment="the canonical form"),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_narrowings_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_narrowings_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "narrowed_at", name=op.f("pk_narrowings")),
        sqlite_strict=True,
    )


def _dispatches() -> None:
    op.create_table(
        "dispatches",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
        sa.CheckConstraint(LABEL, name=op.f("ck_dispatches_label")),
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("digest", TEXT, nullable=False, comment="of the version that it cites"),
        sa.Column("intent", TEXT, nullable=False, comment="canonical JSON"),
        sa.Column("intent_digest", TEXT, nullable=False),
        sa.Column("tag", TEXT, nullable=False, comment="by which RIPE Atlas can be asked for it"),
        sa.Column("target", TEXT, nullable=True),
        sa.Column("n_probes", WHOLE, nullable=False),
        sa.Column("credits", WHOLE, nullable=False),
        sa.Column("start_at", WHOLE, nullable=False),
        sa.Column("stop_at", WHOLE, nullable=False),
        sa.Column("is_public", FLAG, nullable=False),
        sa.Column("intended_at", WHOLE, nullable=False),
        sa.Column("sent_at", WHOLE, nullable=True, comment="when the call was about to be made"),
        sa.Column("atlas_id", WHOLE, nullable=True),
        sa.Column("answered_at", WHOLE, nullable=True),
        sa.Column("failure", TEXT, nullable=True, comment="why there is no measurement"),
        sa.Column("stop_asked_at", WHOLE, nullable=True),
        sa.Column("stopped_at", WHOLE, nullable=True, comment="when RIPE Atlas was read to say that it had stopped"),
        sa.ForeignKeyConstraint(
            ["agreement_id", "number"],
            ["versions.agreement_id", "versions.number"],
            name=op.f("fk_dispatches_agreement_id_number_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
        sa.UniqueConstraint("label", "atlas_id", name=op.f("uq_dispatches_label_atlas_id")),
        sa.UniqueConstraint("tag", name=op.f("uq_dispatches_tag")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_dispatches_agreement_id_number"), "dispatches", ["agreement_id", "number"])
    op.create_table(
        "decisions",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("dispatch_id", WHOLE, nullable=False),
        sa.Column("intent_digest", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=True, comment="of the version that it rests on"),
        sa.Column("is_permitted", FLAG, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("decided_at", WHOLE, nullable=False),
        sa.CheckConstraint("is_permitted = (reason = 'agreed')", name=op.f("ck_decisions_reason")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name=op.f("fk_decisions_dispatch_id_dispatches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_decisions_dispatch_id"), "decisions", ["dispatch_id"])
