"""Bring texts in: parse a file, split it into passages, publish a version, show it as a page."""
