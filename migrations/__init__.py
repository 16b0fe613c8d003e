"""The history of the schema, run by `rasad db upgrade`."""
