"""The access log, its head and the keys of its tokens."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

APPEND_ONLY = {"access_log": ("UPDATE", "DELETE"), "screening_versions": ("UPDATE",), "steps": ("UPDATE",)}


def forbid(table: str, what: str) -> None:
    """Let the database itself refuse to change what is only ever appended to."""
    name = f"{table}_no_{what.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'rows are only appended'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION only_appended()"
    )


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_access_log"),
    )
    op.create_table(
        "access_log_head",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log_head"),
    )
    op.create_table(
        "pupil_keys",
        sa.Column("pupil", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pupil", name="pk_pupil_keys"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION only_appended() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows are only appended'; END $$"
        )
    op.execute(f"INSERT INTO access_log_head (id, number, hash) VALUES (1, 0, '{'0' * 64}')")
    for table, forbidden in APPEND_ONLY.items():
        for what in forbidden:
            forbid(table, what)
