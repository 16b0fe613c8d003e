"""Metrics: one question per file, with its formula, unit and guard, and the standard it follows."""
