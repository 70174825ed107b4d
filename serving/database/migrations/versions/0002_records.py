"""Screenings, referrals, wrong facts and rights requests."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pupil", NUMBER, nullable=False),
        sa.Column("urn", NUMBER, nullable=False),
        sa.Column("referred_by", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
    )
    op.create_index("ix_referrals_pupil", "referrals", ["pupil"], unique=False)
    op.create_index("ix_referrals_urn", "referrals", ["urn"], unique=False)
    op.create_table(
        "rights_requests",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pupil", NUMBER, nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rights_requests"),
    )
    op.create_index("ix_rights_requests_due_on", "rights_requests", ["due_on"], unique=False)
    op.create_index("ix_rights_requests_pupil", "rights_requests", ["pupil"], unique=False)
    op.create_table(
        "steps",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "record", "version", name="pk_steps"),
    )
    op.create_table(
        "wrong_facts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pupil", NUMBER, nullable=False),
        sa.Column("urn", NUMBER, nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("what_is_right", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_facts"),
    )
    op.create_index("ix_wrong_facts_pupil", "wrong_facts", ["pupil"], unique=False)
    op.create_index("ix_wrong_facts_urn", "wrong_facts", ["urn"], unique=False)
    op.create_table(
        "objections",
        sa.Column("request", NUMBER, nullable=False),
        sa.Column("pupil", NUMBER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["request"], ["rights_requests.id"], name="fk_objections_request"),
        sa.PrimaryKeyConstraint("request", name="pk_objections"),
    )
    op.create_index("ix_objections_pupil", "objections", ["pupil"], unique=False)
    op.create_table(
        "screenings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pupil", NUMBER, nullable=False),
        sa.Column("urn", NUMBER, nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("list_as_of", sa.Date(), nullable=True),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("referral", NUMBER, nullable=True),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["referral"], ["referrals.id"], name="fk_screenings_referral"),
        sa.PrimaryKeyConstraint("id", name="pk_screenings"),
    )
    op.create_index("ix_screenings_begun_by", "screenings", ["begun_by"], unique=False)
    op.create_index("ix_screenings_pupil", "screenings", ["pupil"], unique=False)
    op.create_index("ix_screenings_urn", "screenings", ["urn"], unique=False)
    op.create_table(
        "frequency_openings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("screening", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["screening"], ["screenings.id"], name="fk_frequency_openings_screening"),
        sa.PrimaryKeyConstraint("id", name="pk_frequency_openings"),
    )
    op.create_index("ix_frequency_openings_screening", "frequency_openings", ["screening"], unique=False)
    op.create_table(
        "screening_versions",
        sa.Column("screening", NUMBER, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("considered", sa.JSON(), nullable=False),
        sa.Column("considered_words", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("was_known", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("review_held_on", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["screening"], ["screenings.id"], name="fk_screening_versions_screening"),
        sa.PrimaryKeyConstraint("screening", "version", name="pk_screening_versions"),
    )
    op.create_index("ix_screening_versions_review_on", "screening_versions", ["review_on"], unique=False)
