"""Secrets in the keyring of the system's user, where there is one that keeps them safe."""

from __future__ import annotations

import base64
from typing import Any

SERVICE = "StoreAssistant"


def keep(name: str, secret: bytes) -> bool:
    """Put a secret in the keyring. False where there is none; the caller keeps it elsewhere."""
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, name, base64.b64encode(secret).decode())
        return base64.b64decode(keyring.get_password(SERVICE, name) or "") == secret
    except Exception:  # noqa: BLE001 - each system's keyring fails in its own way; a file is always there
        return False


def fetch(name: str) -> bytes | None:
    """A secret from the keyring; none where it is not there."""
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        kept = keyring.get_password(SERVICE, name)
        return base64.b64decode(kept) if kept else None
    except Exception:  # noqa: BLE001 - as above
        return None


def _keyring() -> Any:
    """The system's keyring; none where all that could be had is no keyring, or a plain file."""
    import keyring
    from keyring.backends import fail, null

    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring) or found.priority < 1:
        return None
    return keyring
