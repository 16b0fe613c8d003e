"""Requests: what somebody wants to know, which agreement covers it, what it costs, and how it stands."""
