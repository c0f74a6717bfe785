"""A service's own database, at the address that an operator tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.postgres.database import open_database

from .errors import Refusal


def database_at(url: str, **how: Any) -> AsyncEngine:
    """Nothing is connected to yet. Raises `Refusal` where that is no address."""
    try:
        return open_database(url, **how)
    except (ArgumentError, InvalidRequestError, ModuleNotFoundError):
        raise Refusal("DATABASE_URL is no address: postgresql+asyncpg://user:password@host:port/database") from None
