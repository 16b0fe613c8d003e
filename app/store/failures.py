"""How the database fails, for those who must answer for it without knowing SQL."""

from sqlalchemy.exc import SQLAlchemyError

StoreFailure = SQLAlchemyError
"""A statement or a connection failed; `check_readiness` tells whether the database is there and current."""
