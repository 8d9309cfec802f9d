"""The log, the desk and the first projections."""

from alembic import op

from core.hq.schema import METADATA

revision = "m001"
down_revision = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
