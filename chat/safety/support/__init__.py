"""Whether the figures and promises of a sentence stand in what it is made from."""

from chat.safety.support.figures import Figure, figures, is_borne_out, is_code
from chat.safety.support.promises import promise_in

__all__ = ["Figure", "figures", "is_borne_out", "is_code", "promise_in"]
