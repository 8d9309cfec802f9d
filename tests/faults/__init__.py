"""Kills and power cuts: the real code is stopped at any moment, and what it said was saved must still be there."""
