"""An edge that speaks as OpenAI's API does, so that its clients can ask the desk (docs/openai.md)."""
