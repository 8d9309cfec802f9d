"""Rewards: points that members earn and use, and coupons."""
