"""Coupons as head office tells of them: whose they are, to be found by that."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Connection
from core.rows import CouponRow


def take(connection: Connection, rows: Mapping[str, CouponRow | None]) -> None:
    """Keep whose coupons are; none where nothing is said any more. Inside the caller's transaction."""
    connection.executemany("DELETE FROM feed_coupon WHERE coupon = ?", [(coupon,) for coupon in rows])
    connection.executemany(
        "INSERT INTO feed_coupon (coupon, member) VALUES (?, ?)",
        [(coupon, row.member) for coupon, row in rows.items() if row and row.off],
    )
