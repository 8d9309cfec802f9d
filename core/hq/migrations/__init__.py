"""Head office's schema, step by step, by alembic. A step that has shipped is never edited."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine


def migrate(engine: Engine) -> None:
    """Bring a database's schema up to date, all or nothing."""
    with engine.begin() as connection:
        command.upgrade(configured(connection), "head")


def configured(connection: Connection) -> Config:
    """Alembic, set up to work on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
