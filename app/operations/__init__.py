"""The verbs: one use case a file, called by the API, the command line and the worker alike."""
