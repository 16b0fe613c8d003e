"""Why and when: measurements as they exist on RIPE Atlas, and the rounds that are due."""
