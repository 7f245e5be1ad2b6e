"""Why an address is not sent to, or a message could not be."""


class AddressRefused(Exception):
    """An address that webhooks may not go to; ``words`` tell staff why.

    Attributes:
        code: ``url``: how it is written, ``name``: it cannot be found, ``address``: where it leads.
        words: for staff.
        retryable: whether the same address may be good a little later.
    """

    def __init__(self, code: str, words: str):
        self.code, self.words = code, words
        self.retryable = code != "url"
        super().__init__(words)
