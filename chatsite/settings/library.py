"""What the company knows: search, and documents brought in."""

from chatsite import env

# --- Search: measured marks, see docs/architecture.md -------------------------------------------------------

SEARCH_PASSAGES = env.integer("SEARCH_PASSAGES", 5, least=1)
SEARCH_REFUSE_BELOW = env.number("SEARCH_REFUSE_BELOW", 3.0)
SEARCH_SURE_ABOVE = env.number("SEARCH_SURE_ABOVE", 4.0)
# The company's own words for the same thing, a group a line: "en: carrycot, bassinet, baby basket".
SEARCH_SYNONYMS = env.text("SEARCH_SYNONYMS")

# Past one machine: OpenSearch finds candidates, see docs/scaling.md. The built-in search stands by.
SEARCH_ENGINE = env.choice("SEARCH_ENGINE", "built-in", ("built-in", "opensearch"))
OPENSEARCH_URL = env.url("OPENSEARCH_URL")
OPENSEARCH_USER = env.text("OPENSEARCH_USER")
OPENSEARCH_PASSWORD = env.text("OPENSEARCH_PASSWORD")
# PEM of the authority behind its certificate, mostly as OPENSEARCH_CA_FILE=/path; empty: the machine's own.
OPENSEARCH_CA = env.text("OPENSEARCH_CA")
OPENSEARCH_INDEX = env.text("OPENSEARCH_INDEX", "chatsite")  # the alias; indexes are named after it
OPENSEARCH_SECONDS = env.seconds("OPENSEARCH_SECONDS", 1.0)  # patience with one question
if SEARCH_ENGINE == "opensearch" and not OPENSEARCH_URL:
    env.refuse('setting refused: SEARCH_ENGINE=opensearch needs "OPENSEARCH_URL"')

# Any endpoint that speaks OpenAI's embeddings; without an address and a model search works by words alone.
EMBEDDINGS_BASE_URL = env.url("EMBEDDINGS_BASE_URL")
EMBEDDINGS_API_KEY = env.text("EMBEDDINGS_API_KEY", "none")
EMBEDDINGS_MODEL = env.text("EMBEDDINGS_MODEL")
EMBEDDINGS_LANGUAGES = env.words("EMBEDDINGS_LANGUAGES", ["en"])  # languages the model serves; * for all
EMBEDDINGS_BATCH = env.integer("EMBEDDINGS_BATCH", 64, least=1)  # passages in one request
EMBEDDINGS_SECONDS = env.seconds("EMBEDDINGS_SECONDS", 10)  # patience with one request for passages …
EMBEDDINGS_QUESTION_SECONDS = env.seconds("EMBEDDINGS_QUESTION_SECONDS", 1.5)  # … and for a question
# What some models want in front of a text, such as query: and passage:. A changed one needs
# embed_documents --all.
EMBEDDINGS_QUESTION_PREFIX = env.text("EMBEDDINGS_QUESTION_PREFIX")
EMBEDDINGS_PASSAGE_PREFIX = env.text("EMBEDDINGS_PASSAGE_PREFIX")
# How far above off-topic questions (in their own spreads) a question's meaning must match to be answered for
# that alone, and to be answered without doubt.
EMBEDDINGS_TRUST_ABOVE = env.number("EMBEDDINGS_TRUST_ABOVE", 4.0)
EMBEDDINGS_SURE_ABOVE = env.number("EMBEDDINGS_SURE_ABOVE", 7.0)
EMBEDDINGS_EXACT_UP_TO = env.integer("EMBEDDINGS_EXACT_UP_TO", 20_000)  # pgvector compares so many exactly

# --- Documents brought in -----------------------------------------------------------------------------------

DOCUMENT_MAX_BYTES = env.integer("DOCUMENT_MAX_BYTES", 20_000_000, least=1_000)  # one file
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 200_000_000, least=1_000)  # all files of one upload
UNPACKED_MAX_BYTES = env.integer("UNPACKED_MAX_BYTES", 400_000_000, least=1_000)  # all files of one archive
UNPACKED_MAX_FILES = env.integer("UNPACKED_MAX_FILES", 5_000, least=1)
# Look for repeats and contradictions after a publication.
COMPARE_DOCUMENTS = env.flag("COMPARE_DOCUMENTS", True)
# One temporary file for all files of a request: Django's own handler opens one each, and runs out of them. It
# also stops a request with too many files or bytes, and leaves the words to the page.
FILE_UPLOAD_HANDLERS = ["knowledge.uploads.SpooledUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = None
