"""How questions are answered: turns, language models, what an answer may say."""

from chatsite import env

# --- Turns --------------------------------------------------------------------------------------------------

MESSAGE_MAX_CHARACTERS = env.integer("MESSAGE_MAX_CHARACTERS", 4_000, least=1)
API_MODEL_NAME = env.text("API_MODEL_NAME", "chatsite")  # what the desk is called as a model, at /v1/
TURN_DEADLINE_SECONDS = env.seconds("TURN_DEADLINE_SECONDS", 120)
TURN_LEASE_SECONDS = env.seconds("TURN_LEASE_SECONDS", 8)
TURN_MAX_ATTEMPTS = env.integer("TURN_MAX_ATTEMPTS", 3, least=1)
BATCH_MAX_ITEMS = env.integer("BATCH_MAX_ITEMS", 100, least=1)
BATCH_TURNS_AT_ONCE = env.integer("BATCH_TURNS_AT_ONCE", 2, least=1)  # of all batches, beside live turns
CONVERSATION_STATE_SECONDS = 3_600
ANSWER_CACHE_SECONDS = env.integer("ANSWER_CACHE_SECONDS", 86_400)  # 0 turns the answer cache off
EVENT_LOG_SECONDS = env.integer("EVENT_LOG_SECONDS", 3_600, least=60)
# Redelivery must never overtake a turn that is still running; recovery is the sweeper's work.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(TURN_DEADLINE_SECONDS * TURN_MAX_ATTEMPTS) + 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
DRAIN_SECONDS = env.seconds("DRAIN_SECONDS", 20)  # a web process that is told to end waits for its turns
SOCKET_IDLE_SECONDS = env.seconds("SOCKET_IDLE_SECONDS", 1_800)
FRAME_MAX_BYTES = env.integer("FRAME_MAX_BYTES", 65_536, least=1_024)

# --- Language models ----------------------------------------------------------------------------------------

# The models that answer a person who is near the limit of their plan.
OPENAI_CHEAPER_MODEL = env.text("OPENAI_CHEAPER_MODEL")
AZURE_OPENAI_CHEAPER_DEPLOYMENT = env.text("AZURE_OPENAI_CHEAPER_DEPLOYMENT")
COMPATIBLE_CHEAPER_MODEL = env.text("COMPATIBLE_CHEAPER_MODEL")
ANTHROPIC_CHEAPER_MODEL = env.text("ANTHROPIC_CHEAPER_MODEL")
LLM_KINDS = ("openai", "azure", "compatible", "anthropic", "extractive")
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL", "https://api.openai.com/v1")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-4o-mini")
AZURE_OPENAI_API_KEY = env.text("AZURE_OPENAI_API_KEY")
AZURE_OPENAI_ENDPOINT = env.url("AZURE_OPENAI_ENDPOINT")
AZURE_OPENAI_DEPLOYMENT = env.text("AZURE_OPENAI_DEPLOYMENT")
AZURE_OPENAI_API_VERSION = env.text("AZURE_OPENAI_API_VERSION", "2024-10-21")
COMPATIBLE_API_KEY = env.text("COMPATIBLE_API_KEY", "none")
COMPATIBLE_BASE_URL = env.url("COMPATIBLE_BASE_URL")
COMPATIBLE_MODEL = env.text("COMPATIBLE_MODEL")
ANTHROPIC_API_KEY = env.text("ANTHROPIC_API_KEY")
ANTHROPIC_BASE_URL = env.url("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
ANTHROPIC_MODEL = env.text("ANTHROPIC_MODEL", "claude-3-5-haiku-latest")
_configured = {
    "openai": OPENAI_API_KEY,
    "azure": AZURE_OPENAI_API_KEY,
    "compatible": COMPATIBLE_BASE_URL and COMPATIBLE_MODEL,
    "anthropic": ANTHROPIC_API_KEY,
    "extractive": "built in",
}
# The chain is tried in order; the default is every provider that has been given what it needs.
LLM_CHAIN = env.words("LLM_CHAIN", [kind for kind in LLM_KINDS if _configured[kind]])
for _kind in LLM_CHAIN:
    if _kind not in LLM_KINDS:
        env.refuse(f'setting refused: "LLM_CHAIN" names {_kind!r}; choose from {", ".join(LLM_KINDS)}')
    if not _configured[_kind]:
        env.refuse(f'setting refused: "LLM_CHAIN" names {_kind!r}, which lacks its key, address or model')
LLM_CONNECT_SECONDS = env.seconds("LLM_CONNECT_SECONDS", 5)
LLM_FIRST_TOKEN_SECONDS = env.seconds("LLM_FIRST_TOKEN_SECONDS", 20)
LLM_BETWEEN_TOKENS_SECONDS = env.seconds("LLM_BETWEEN_TOKENS_SECONDS", 10)
LLM_COALESCE_SECONDS = env.seconds("LLM_COALESCE_SECONDS", 0.05)
# How long a provider that keeps failing is left alone at first; doubles each time. 0: it is asked every time.
LLM_PAUSE_SECONDS = env.number("LLM_PAUSE_SECONDS", 5)
LLM_MAX_TOKENS = env.integer("LLM_MAX_TOKENS", 900, least=16)
# Whether a provider's model is offered the desk's look-ups; "auto": until it answers that it takes none.
OPENAI_TOOLS = env.choice("OPENAI_TOOLS", "auto", ("true", "false", "auto"))
AZURE_OPENAI_TOOLS = env.choice("AZURE_OPENAI_TOOLS", "auto", ("true", "false", "auto"))
COMPATIBLE_TOOLS = env.choice("COMPATIBLE_TOOLS", "auto", ("true", "false", "auto"))
ANTHROPIC_TOOLS = env.choice("ANTHROPIC_TOOLS", "auto", ("true", "false", "auto"))
TOOL_ROUNDS = env.integer("TOOL_ROUNDS", 3)  # in which one answer may ask for look-ups; 0: none
TOOL_CALLS = env.integer("TOOL_CALLS", 4, least=1)  # of one round

# --- Crisis: messages of people in danger -------------------------------------------------------------------

CRISIS_ASKS_MODEL = env.flag("CRISIS_ASKS_MODEL", True)  # a model looks again at what the cues find
CRISIS_MODEL_SECONDS = env.seconds("CRISIS_MODEL_SECONDS", 3)  # patience with each of its two tries
CRISIS_COUNTRY = env.text("CRISIS_COUNTRY").upper()  # whose help lines (ES, US …) where a browser is silent
CRISIS_ALERT_EMAILS = env.words("CRISIS_ALERT_EMAILS")  # who of the staff is written to at once

# --- What an answer may say ---------------------------------------------------------------------------------

# A sentence whose figures do not stand in what it cites: shown with a mark, or not at all. Nothing bears out
# what cites nothing, unless every source given to the model counts for it (any_source).
UNSUPPORTED_CLAIMS = env.choice("UNSUPPORTED_CLAIMS", "mark", ["mark", "drop"])
UNCITED_CLAIMS = env.choice("UNCITED_CLAIMS", "unsupported", ["unsupported", "any_source"])
# "We have refunded you", where no record or passage says so.
UNSUPPORTED_PROMISES = env.choice("UNSUPPORTED_PROMISES", "drop", ["mark", "drop"])
# Hosts that answers may link to, beside the addresses that stand in their sources.
LINKS_ALLOWED = [host.lower() for host in env.words("LINKS_ALLOWED")]

# --- Tone: how customers sound, and the person of the staff they are offered --------------------------------

# A model is asked how the customer sounds, before each answer: a short call more that the answer waits for.
UNDERSTAND_WITH_MODEL = env.flag("UNDERSTAND_WITH_MODEL", False)
UNDERSTAND_MODEL_SECONDS = env.seconds("UNDERSTAND_MODEL_SECONDS", 1.5)  # patience; then the cues stand
HANDOVER_HOURS = env.text("HANDOVER_HOURS")  # when staff are there, in words: "Monday to Friday, 9 to 18"
