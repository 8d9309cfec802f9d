"""Credit, and invitations by which people become members. Facts of before say nothing of either."""

import sqlalchemy as sa
from alembic import op

revision = "m005"
down_revision = "m004"


def upgrade() -> None:
    op.create_table(
        "credit",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "receipt", "op"),
    )
    op.create_table(
        "credit_decided",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "receipt", "op"),
    )
    op.create_table(
        "day_credit",
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store_id", "date", "terminal_id", "person"),
    )
    op.create_table(
        "invitation",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("guide", sa.Text, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("touchpoint", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("protected", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token", "store_id", "op"),
    )
    op.create_table(
        "scan",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "reply",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("notice", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("commitment", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token", "person"),
    )
    op.create_table(
        "binding",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("terminal_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("guide", sa.Text, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "person",
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mark", "store_id"),
    )
    op.create_index("binding_by_member", "binding", ["store_id", "member_id"])
    op.create_index("reply_by_person", "reply", ["person"])
    op.create_index("scan_by_token", "scan", ["token"])
    op.create_index("person_by_member", "person", ["store_id", "member_id"])
