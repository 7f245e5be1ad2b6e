"""The audit trail: ``record`` writes an entry, in the transaction of the act it tells of."""

from accounts.audit.acts import Act
from accounts.audit.trail import apart, is_apart, record

__all__ = ["Act", "apart", "is_apart", "record"]
