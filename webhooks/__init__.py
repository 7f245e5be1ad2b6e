"""Webhooks: what happens at the desk, told to endpoints that staff have set up. ``docs/webhooks.md``."""
