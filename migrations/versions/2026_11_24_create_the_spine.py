"""Create the spine: raw records, results, series, samples, bins, and what the platform says of both ends."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite's STRICT tables know INTEGER, REAL, TEXT and BLOB only.
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.Integer()
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary()
TEXT = sa.Text()

LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
DATA_CLASS = (
    "data_class = 'public' OR "
    "data_class = 'ripe_ncc_managed' OR "
    "data_class = 'agreed_collection' OR "
    "data_class = 'party_provided' OR "
    "data_class = 'forbidden'"
)
OUTCOME = (
    "outcome = 'reply' OR "
    "outcome = 'no_reply' OR "
    "outcome = 'send_error' OR "
    "outcome = 'resolution_failed' OR "
    "outcome = 'not_allowed' OR "
    "outcome = 'malformed'"
)


def upgrade() -> None:
    """Create the tables, parents first."""
    _measurements()
    _probe_snapshots()
    _raw_records()
    _series()
    _sources()
    _bins()
    _deliveries()
    _results()
    _samples()


def downgrade() -> None:
    """Drop them, children first."""
    for table in (
        "samples",
        "results",
        "deliveries",
        "bins",
        "sources",
        "series",
        "raw_records",
        "probe_snapshots",
        "measurements",
    ):
        op.drop_table(table)


def _measurements() -> None:
    op.create_table(
        "measurements",
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("address_family", SMALL, nullable=False),
        sa.Column("interval_s", WHOLE, nullable=True),
        sa.Column("spread_s", WHOLE, nullable=True),
        sa.Column("start_at", WHOLE, nullable=True),
        sa.Column("stop_at", WHOLE, nullable=True),
        sa.Column("is_oneoff", FLAG, nullable=False),
        sa.Column("participant_count", WHOLE, nullable=True),
        sa.Column("body", BYTES, nullable=False),
        sa.CheckConstraint(
            DATA_CLASS,
            name=op.f("ck_measurements_data_class"),
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_measurements_label")),
        sa.PrimaryKeyConstraint("atlas_id", "label", name=op.f("pk_measurements")),
        sqlite_strict=True,
    )


def _probe_snapshots() -> None:
    op.create_table(
        "probe_snapshots",
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("observed_at", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("asn_v4", WHOLE, nullable=True),
        sa.Column("asn_v6", WHOLE, nullable=True),
        sa.Column("prefix_v4", TEXT, nullable=True),
        sa.Column("prefix_v6", TEXT, nullable=True),
        sa.Column("country_code", TEXT, nullable=True),
        sa.Column("is_anchor", FLAG, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.CheckConstraint(
            DATA_CLASS,
            name=op.f("ck_probe_snapshots_data_class"),
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_probe_snapshots_label")),
        sa.PrimaryKeyConstraint("probe_id", "observed_at", name=op.f("pk_probe_snapshots")),
        sqlite_strict=True,
    )


def _raw_records() -> None:
    op.create_table(
        "raw_records",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.Column("body_digest", BYTES, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("detail", TEXT, nullable=True),
        sa.Column("type", TEXT, nullable=True),
        sa.Column("atlas_id", WHOLE, nullable=True),
        sa.Column("probe_id", WHOLE, nullable=True),
        sa.Column("measured_at", WHOLE, nullable=True),
        sa.Column("stored_at", WHOLE, nullable=True),
        sa.Column("digest", BYTES, nullable=True),
        sa.CheckConstraint(
            DATA_CLASS,
            name=op.f("ck_raw_records_data_class"),
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_raw_records_label")),
        sa.CheckConstraint(
            "status = 'kept' OR status = 'quarantined' OR status = 'unsupported'", name=op.f("ck_raw_records_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_records")),
        sa.UniqueConstraint("body_digest", "label", name=op.f("uq_raw_records_body_digest_label")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_raw_records_not_kept",
        "raw_records",
        ["id"],
        unique=False,
        sqlite_where=sa.text("status != 'kept'"),
        postgresql_where=sa.text("status != 'kept'"),
    )


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("address_family", SMALL, nullable=False),
        sa.Column("protocol", TEXT, nullable=False),
        sa.CheckConstraint(
            DATA_CLASS,
            name=op.f("ck_series_data_class"),
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_series_label")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint(
            "target",
            "type",
            "label",
            "address_family",
            "protocol",
            "atlas_id",
            "data_class",
            name=op.f("uq_series_identity"),
        ),
        sqlite_strict=True,
    )


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_sources_kind_name")),
        sqlite_strict=True,
    )


def _bins() -> None:
    op.create_table(
        "bins",
        sa.Column("series_id", WHOLE, nullable=False),
        sa.Column("bin_at", WHOLE, nullable=False),
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("n_results", WHOLE, nullable=False),
        sa.Column("n_sent", WHOLE, nullable=False),
        sa.Column("n_received", WHOLE, nullable=False),
        sa.Column("n_success", WHOLE, nullable=False),
        sa.Column("rtt_min_ms", NUMBER, nullable=True),
        sa.Column("rtt_median_ms", NUMBER, nullable=True),
        sa.Column("hop_counts", TEXT, nullable=True, comment="JSON object: hop count to number of results"),
        sa.Column("instances", TEXT, nullable=True, comment="JSON object: instance to number of answers"),
        sa.Column("rtts", BYTES, nullable=True, comment="sorted RTTs in ms, little-endian float64"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_bins_series_id_series")),
        sa.PrimaryKeyConstraint("series_id", "bin_at", "probe_id", name=op.f("pk_bins")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("raw_id", WHOLE, nullable=False),
        sa.Column("source_id", WHOLE, nullable=False),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_records.id"], name=op.f("fk_deliveries_raw_id_raw_records")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_deliveries_source_id_sources")),
        sa.PrimaryKeyConstraint("raw_id", "source_id", "retrieved_at", name=op.f("pk_deliveries")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("raw_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("measured_at", WHOLE, nullable=False),
        sa.Column("stored_at", WHOLE, nullable=True),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("destination", TEXT, nullable=True),
        sa.Column("address_family", SMALL, nullable=False),
        sa.Column("protocol", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("is_clock_trusted", FLAG, nullable=False),
        sa.Column("is_datable", FLAG, nullable=False),
        sa.Column("is_conflict", FLAG, nullable=False),
        sa.Column("is_in_series", FLAG, nullable=False),
        sa.CheckConstraint(
            DATA_CLASS,
            name=op.f("ck_results_data_class"),
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_results_label")),
        sa.CheckConstraint(
            OUTCOME,
            name=op.f("ck_results_outcome"),
        ),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_records.id"], name=op.f("fk_results_raw_id_raw_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint(
            "atlas_id",
            "probe_id",
            "measured_at",
            "label",
            "digest",
            name=op.f("uq_results_atlas_id_probe_id_measured_at_label_digest"),
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_results_measured_at_id"), "results", ["measured_at", "id"], unique=False)
    op.create_index(op.f("ix_results_target_measured_at_id"), "results", ["target", "measured_at", "id"], unique=False)


def _samples() -> None:
    op.create_table(
        "samples",
        sa.Column("series_id", WHOLE, nullable=False),
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("measured_at", WHOLE, nullable=False),
        sa.Column("result_id", WHOLE, nullable=False),
        sa.Column("ordinal", SMALL, nullable=False),
        sa.Column("n_sent", SMALL, nullable=False),
        sa.Column("n_received", SMALL, nullable=False),
        sa.Column("n_success", SMALL, nullable=False),
        sa.Column("rtts", BYTES, nullable=True, comment="sorted RTTs in ms, little-endian float64"),
        sa.Column("hop_count", SMALL, nullable=True),
        sa.Column("instance", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_samples_result_id_results")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_samples_series_id_series")),
        sa.PrimaryKeyConstraint(
            "series_id", "probe_id", "measured_at", "result_id", "ordinal", name=op.f("pk_samples")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_samples_result_id"), "samples", ["result_id"], unique=False)
