"""The access log's key by name: a log from before has none until the service next starts."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    op.add_column("access_log_head", sa.Column("key", sa.Text(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("access_log_head", "key", server_default=None)
