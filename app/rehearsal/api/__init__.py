"""What RIPE Atlas says over HTTP and websocket, API v2: requests are judged, measurements kept, results handed out.

Knows the world and the faults by `app.rehearsal.contract` only.
"""
