"""The dialects in which corpora are read and written, each a slice of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from escollect.domain.dialects import esconv, esconv_turns, hf_text, table
from escollect.domain.dialects.base import Container, Dialect

# Those that are recognised by something come before the one that takes every record.
DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {module.DIALECT.name: module.DIALECT for module in (table, esconv_turns, hf_text, esconv)}
)

__all__ = ["DIALECTS", "Container", "Dialect", "recognise"]


def recognise(record: object) -> Dialect:
    """The dialect of a record whose dialect nobody named: the first that knows it, else `esconv`."""
    return next(dialect for dialect in DIALECTS.values() if dialect.recognises(record))
