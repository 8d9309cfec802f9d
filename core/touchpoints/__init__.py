"""Touchpoints: where people meet the shop. The list is data; only the counter is always there."""
