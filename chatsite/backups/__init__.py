"""Keeping the desk's database and putting it back: one file, whole or not at all.

Everything that matters is in the database: documents, files of imports that are not read yet, conversations,
accounts. What is in Redis can be made again and is emptied by a restoration.
"""
