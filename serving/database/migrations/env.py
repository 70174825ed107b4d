"""What Alembic runs: the connection is given, and so is its transaction."""

from alembic import context

import serving.database.tables  # noqa: F401  (its tables, for whoever compares)
from serving.database.base import Row

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, transactional_ddl=False
)
context.run_migrations()
