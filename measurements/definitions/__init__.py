"""What to measure: pings, traceroutes and DNS queries, each with what a result of it costs."""
