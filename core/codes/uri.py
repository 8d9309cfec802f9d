"""What is printed: a GS1 Digital Link URI of a unit, on the shop's own host. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit


def stem(resolver: str, gtin: str, *, upper: bool) -> str:
    """The part of the URI before the serial (GS1 Digital Link URI Syntax 1.6 §4).

    Args:
        resolver: host.
        upper: in capital letters, which make a smaller symbol; scheme and host mean the same in either.
    """
    scheme_and_host = f"https://{resolver}"
    return f"{scheme_and_host.upper() if upper else scheme_and_host}/01/{gtin}/21/"


def host_of(text: str) -> str:
    """The host of a link, in small letters; empty where it is none."""
    try:
        return (urlsplit(text.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""
