"""Speaks HTTP: a file per resource; `schemas` is what goes over the wire."""
