"""How well the desk answers: questions with what is expected, asked through the real turn and judged."""
