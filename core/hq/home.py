"""Head office's folder: its database where that is a file, its keys, and the list of what was revoked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import BrokenWorldError
from core.files import OWNER, write_whole
from core.hq.database import sqlite_url
from core.hq.wechat import Account
from core.members.sealing import KEY, Keys, public_half
from core.wire import signed_reader

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class HqHome:
    """Head office's folder.

    Attributes:
        database: URL of the database, where it is not the file in the folder.
    """

    folder: Path
    database: str = ""

    @property
    def url(self) -> str:
        """Of the database: the one that is given, else the one that was given last, else the file in the folder."""
        if self.database:
            return self.database
        return self._kept() or sqlite_url(self.folder / "hq.db")

    def prepare(self) -> None:
        """Make the folder, and remember where the database is.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.database and self.database != self._kept():
                # It may hold a password.
                write_whole(self._url_file, self.database.encode(), OWNER)
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=error.strerror) from error

    def key(self) -> Ed25519PrivateKey:
        """The key that certificates are signed with, made when it is first needed.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        path = self.folder / "hq.key"
        try:
            if not path.exists():
                write_whole(path, os.urandom(32), OWNER)
            return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=f"{path.name}: {error}") from error

    def vault_keys(self) -> Keys:
        """The keys under which members' records are kept, made when they are first needed. Beside the database, so
        that a copy of that opens none.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        path = self.folder / "vault.key"
        try:
            if not path.exists():
                write_whole(path, os.urandom(KEY), OWNER)
            if len(kept := path.read_bytes()) != KEY:
                raise ValueError("no key")
            return Keys.of(kept)
        except (OSError, ValueError) as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=f"{path.name}: {error}") from error

    def reader_key(self) -> str:
        """What terminals seal records with for head office, with its word that it is its own.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        return signed_reader(public_half(self.vault_keys().reading), self.key())

    def wechat(self) -> Account | None:
        """What WeChat knows the chain by; none where it does not.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        try:
            return msgspec.json.decode(self._wechat_file.read_bytes(), type=Account)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            detail = f"{self._wechat_file.name}: {error}"
            raise BrokenWorldError("home_unusable", home=self.folder, detail=detail) from error

    def keep_wechat(self, account: Account) -> None:
        """Keep what WeChat knows the chain by, readable by its owner only.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        try:
            write_whole(self._wechat_file, msgspec.json.encode(account), OWNER)
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=error.strerror) from error

    @property
    def revoked(self) -> Path:
        """What was revoked: store, terminal and when (ms since the epoch), a line each. Beside the database, so that
        one that is brought back from a backup does not let them in again.
        """
        return self.folder / "revoked.list"

    def next_block(self) -> int:
        """The number of the next block of codes to be leased, as far as this folder knows. Beside the database, so
        that one that is brought back from a backup does not lease blocks again.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        try:
            return int(self._blocks_file.read_text("ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise BrokenWorldError(
                "home_unusable", home=self.folder, detail=f"{self._blocks_file.name}: {error}"
            ) from error

    def keep_next_block(self, number: int) -> None:
        """Keep the number of the next block of codes.

        Raises:
            BrokenWorldError: `home_unusable`.
        """
        try:
            write_whole(self._blocks_file, f"{number}\n".encode("ascii"))
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=error.strerror) from error

    @property
    def _blocks_file(self) -> Path:
        return self.folder / "blocks.next"

    @property
    def _wechat_file(self) -> Path:
        return self.folder / "wechat.json"

    @property
    def _url_file(self) -> Path:
        return self.folder / "database.url"

    def _kept(self) -> str:
        try:
            return self._url_file.read_text("utf-8").strip()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise BrokenWorldError("home_unusable", home=self.folder, detail=str(error)) from error
