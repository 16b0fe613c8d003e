"""An Atlas to practise on: a server that speaks the RIPE Atlas v2 API. Imports nothing of ours: it is an oracle.

Three modules that know nothing of each other's inside: `world` (what is out there and what is measured), `api` (what is
said over HTTP and websocket), `faults` (what goes wrong on the way). `contract` holds what they are to each other.
"""
