"""Alembic's entry: runs the migrations in the connection and transaction that it is handed."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
