"""What alembic runs: the steps, on the connection that it was handed."""

from alembic import context

from core.hq.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
    compare_type=True,
)
context.run_migrations()
