"""What a screening, a referral or a wrong fact says, each in one JSON column: a field is declared in its record alone.

Everything that is stored is carried over, word for word; the database goes on refusing to change a screening's version.
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"
TRIGGER = "screening_versions_no_update"
KEYS = {"screening_versions": ("screening", "version"), "referrals": ("id",), "wrong_facts": ("id",)}
SAID: dict[str, dict[str, Any]] = {
    "screening_versions": {
        "considered": sa.JSON(), "considered_words": sa.Text(), "view": sa.Text(), "was_known": sa.Boolean(),
        "outcome": sa.Text(), "needs": sa.JSON(), "review_on": sa.Date(), "words": sa.Text(),
    },
    "referrals": {"route": sa.Text(), "referred_by": sa.Text(), "reasons": sa.Text()},
    "wrong_facts": {"family": sa.Text(), "fact": sa.Text(), "what_is_right": sa.Text(), "told_by": sa.Text()},
}  # fmt: skip
SEARCHED = {"review_on"}  # stays a column beside the content


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {TRIGGER}" if is_sqlite else f"DROP TRIGGER {TRIGGER} ON screening_versions")
    for table, said in SAID.items():
        carry_over(table, said)
    op.execute(
        f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON screening_versions "
        + (
            "BEGIN SELECT RAISE(ABORT, 'rows are only appended'); END"
            if is_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION only_appended()"
        )
    )


def carry_over(table: str, said: dict[str, Any]) -> None:
    """Put columns into `content`, a row at a time, and take them away."""
    connection = op.get_bind()
    op.add_column(table, sa.Column("content", sa.JSON(), nullable=False, server_default="{}"))
    keys = [sa.column(name, sa.BigInteger) for name in KEYS[table]]
    columns = [sa.column(name, kind) for name, kind in said.items()]
    of = sa.table(table, *keys, *columns, sa.column("content", sa.JSON))
    for key in connection.execute(sa.select(*(of.c[each.name] for each in keys))).all():
        this = sa.and_(*(of.c[each.name] == value for each, value in zip(keys, key, strict=True)))
        row = connection.execute(sa.select(*(of.c[name] for name in said)).where(this)).one()
        content = {name: as_json(row._mapping[name]) for name in said}
        connection.execute(sa.update(of).where(this).values(content=content))
    for name in said:
        if name not in SEARCHED:
            op.drop_column(table, name)


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
