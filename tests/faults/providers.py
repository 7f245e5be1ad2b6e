"""What a provider may do, and what then happens: the list that the tests walk and the documentation shows."""

from dataclasses import dataclass
from typing import Final, Literal

Once = Literal["again", "next", "ended"]


@dataclass(frozen=True, slots=True)
class ProviderFault:
    """A way to fail.

    Attributes:
        name: as the fake provider knows it.
        words: what the provider does.
        once: whether one such failure is tried again with the same provider, leads to the next, or is no
            failure: the answer is ended at its length.
    """

    name: str
    words: str
    once: Once


PROVIDER_FAULTS: Final = (
    ProviderFault("401", "refuses the key (401); left alone for 30 s", "next"),
    ProviderFault("429:1", "is overloaded and asks to wait a second (429)", "again"),
    ProviderFault("429:30", "is overloaded and asks to wait half a minute (429); left alone so long", "next"),
    ProviderFault("500", "fails (500)", "again"),
    ProviderFault("503", "is not available (503)", "again"),
    ProviderFault("garbage", "answers something else than a stream", "again"),
    ProviderFault("malformed", "sends a chunk that is no JSON", "again"),
    ProviderFault("wrong_shape", "sends a chunk of another shape", "again"),
    ProviderFault("error_object", "tells of an error inside the stream", "again"),
    ProviderFault("stall_first", "goes silent before the first word", "next"),
    ProviderFault("stall_middle", "goes silent in mid-answer", "next"),
    ProviderFault("hang", "takes the request and never answers", "next"),
    ProviderFault("cut_early", "cuts the connection before the first word", "again"),
    ProviderFault("cut", "cuts the connection in mid-answer", "again"),
    ProviderFault("no_finish", "ends the stream without saying that the answer is whole", "again"),
    ProviderFault("reset", "resets the connection", "again"),
    ProviderFault("empty", "ends an answer that is empty", "again"),
    ProviderFault("endless", "never ends its answer", "ended"),
    ProviderFault("context_length", "finds the request too long", "next"),
)
