"""Alembic's entry: runs the migrations in the connection and transaction that it is handed."""

from alembic import context
from sqlalchemy import MetaData

from backbone.postgres.database import NAMING

connection = context.config.attributes["connection"]
# for the names of constraints only: the same as in the tables' own metadata
context.configure(connection=connection, target_metadata=MetaData(naming_convention=NAMING))
with context.begin_transaction():
    context.run_migrations()
