"""Members: what is said of them, their records, and what is sent ahead. What is derived is derived anew."""

import sqlalchemy as sa
from alembic import op

revision = "m004"
down_revision = "m003"

_DERIVED = (
    "fact", "finding", "day", "day_hour", "day_tender", "day_product", "day_touchpoint", "day_person", "name", "claim",
    "conflict", "answer",
)  # fmt: skip


def upgrade() -> None:
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")
    op.execute("UPDATE stream SET projected = 0")
    op.create_table(
        "day_member",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("net", sa.BigInteger, nullable=False),
        sa.Column("orders", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "date", "member_id"),
    )
    op.create_table(
        "member_said",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("guide", sa.Text, nullable=False),
        sa.Column("touchpoint", sa.Text, nullable=False),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("commitment", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "member_id", "op"),
    )
    op.create_table(
        "ahead",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("stream_id", sa.Text, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "digest"),
    )
    op.create_table(
        "record",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("commitment", sa.Text, nullable=False),
        sa.Column("state", sa.BigInteger, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "member_id", "commitment"),
    )
