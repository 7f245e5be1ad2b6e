"""A person's own data: every app offers its part; exports, deletions and retention go through all of them."""

from accounts.privacy.parts import File, Part, parts, register

__all__ = ["File", "Part", "parts", "register"]
