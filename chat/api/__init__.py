"""The REST and server-sent-events edge: parses, calls ``conversations``, answers."""
