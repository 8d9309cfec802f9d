"""The two ways in which a shop's work can fail without a bug.

Core raises a code with parameters; `core.texts` turns it into a sentence for every face.
Any other exception is a bug and is treated as one.
"""

from __future__ import annotations


class StoreError(Exception):
    """A failure with a stable code and the values its sentence needs.

    Args:
        code: key of the sentence in `core.texts.SENTENCES`.
        params: values for the sentence's placeholders; anything with a readable `str()`.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({details})"


class RefusedError(StoreError):
    """A rule of the shop says no. Nothing was changed; the command line exits with 1."""


class BrokenWorldError(StoreError):
    """Disk, file, device, network or another program is in the way. The command line exits with 3."""
