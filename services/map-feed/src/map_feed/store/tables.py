"""All tables of this service, as SQLAlchemy knows them."""

from __future__ import annotations

from sqlalchemy import MetaData

from backbone.postgres.database import NAMING

metadata = MetaData(naming_convention=NAMING)
