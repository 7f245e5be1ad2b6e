"""Webhooks in the staff edge."""

from webhooks.admin import deliveries, endpoints  # noqa: F401  (their registering is what the import is for)
