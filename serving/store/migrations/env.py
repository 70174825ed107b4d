"""What Alembic runs: the connection is given, and so is its transaction."""

from alembic import context

from serving.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, transactional_ddl=False
)
context.run_migrations()
