"""Column types that mean the same on both databases, and that SQLite's STRICT tables accept."""

from enum import StrEnum
from typing import Any

from sqlalchemy import REAL, BigInteger, Boolean, CheckConstraint, Double, Integer, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer. Instants are whole seconds since the epoch, UTC, as the platform gives them."""
Small = Integer()
Number: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
"""An IEEE 754 double."""
Bytes = LargeBinary()
String = Text()


class Flag(TypeDecorator[bool]):
    """A boolean; 0 or 1 on SQLite, whose STRICT tables know no BOOLEAN."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the column type of the database."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give back a bool from both."""
        return None if value is None else bool(value)


def one_of(column: str, members: type[StrEnum], name: str) -> CheckConstraint:
    """A constraint that keeps a text column inside a closed set.

    Spelled with OR: SQLite builds a temporary index for every row checked against a longer IN list.
    """
    return CheckConstraint(" OR ".join(f"{column} = '{member}'" for member in members), name=name)
