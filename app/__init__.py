"""The service: HTTP, SQL, the clock and the command line around `measurements`."""
