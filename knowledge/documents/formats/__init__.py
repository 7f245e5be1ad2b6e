"""Formats: one module each, with ``read(name, content) -> Extract``, imported when such a file is read.

Every format becomes Markdown. ``kinds`` knows the formats by ending and by their first bytes.
"""
