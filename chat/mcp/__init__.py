"""The desk's look-ups for other programs of a person: a server of the Model Context Protocol at ``/mcp``.

``door`` decides who comes in, before Django and without the protocol's package; ``server`` speaks it, and is
imported with the first request that was let in, since that takes a second or two.
"""
