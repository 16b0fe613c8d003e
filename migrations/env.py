"""Runs migrations on the connection it is handed; `rasad db upgrade` hands it over."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("target_metadata"),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
