"""The API against its own description, by schemathesis; a step of its own in `make test`."""
