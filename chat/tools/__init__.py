"""The desk's look-ups as tools: for the models that answer, and for programs of the person's own (MCP).

All of them only read, and none takes an argument that says whose records: that is the server's knowledge.
What they return is data (facts and passages), cleaned and numbered by whoever shows it to a model.
"""

from chat.tools.arguments import BadArguments
from chat.tools.definitions import TOOLS
from chat.tools.lookups import Asker, Found, ToolFailed, call

__all__ = ["TOOLS", "Asker", "BadArguments", "Found", "ToolFailed", "call"]
