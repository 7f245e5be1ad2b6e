"""What the library refuses: each with a code for programs and words for the person.

KnowledgeError
├── DocumentRefused   a file or text that cannot become a document, or a step its state does not allow
└── RecordRefused     a row of operational data that cannot be taken
"""


class KnowledgeError(Exception):
    """A refusal that the person is told.

    Args:
        code: stable name for programs.
        words: plain sentence for the person.
    """

    retryable = False

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


class DocumentRefused(KnowledgeError):
    """A file or text that cannot become a document, or a step its state does not allow."""


class RecordRefused(KnowledgeError):
    """A row of operational data that cannot be taken."""
