"""Keys and blocks of unit codes; answers; claims say the product. What is derived is derived anew."""

import sqlalchemy as sa
from alembic import op

revision = "m003"
down_revision = "m002"

_DERIVED = (
    "fact", "finding", "day", "day_hour", "day_tender", "day_product", "day_touchpoint", "day_person", "name", "claim",
    "conflict",
)  # fmt: skip


def upgrade() -> None:
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")
    op.execute("UPDATE stream SET projected = 0")
    op.drop_table("claim")
    op.create_table(
        "claim",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("unit", "store_id", "op", "line"),
    )
    op.create_table(
        "code_key",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "secret"),
    )
    op.create_table(
        "block",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("stream_id", sa.Text, nullable=False),
        sa.Column("leased", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "number"),
    )
    op.create_table(
        "answer",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("ops", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subject", "store_id", "op"),
    )
