"""Members' points, and coupons. Who bought last is asked for by member, and told. What is derived is derived anew."""

import sqlalchemy as sa
from alembic import op

revision = "m006"
down_revision = "m005"


_DERIVED = (
    "fact", "finding", "day", "day_hour", "day_tender", "day_product", "day_touchpoint", "day_person", "day_member",
    "day_credit", "name", "claim", "conflict", "answer", "member_said", "credit", "credit_decided", "invitation",
)  # fmt: skip


def upgrade() -> None:
    for table in _DERIVED:
        op.execute(f"DELETE FROM {table}")
    op.execute("UPDATE stream SET projected = 0")
    op.create_table(
        "member_points",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "member_id", "terminal_id"),
    )
    op.create_table(
        "coupon_said",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("coupon", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("off", sa.BigInteger, nullable=False),
        sa.Column("least", sa.BigInteger, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "coupon", "op", "kind"),
    )
    op.create_index("day_member_by_member", "day_member", ["store_id", "member_id", "date"])
