"""Measuring Chatsite from outside: a fake model provider, load clients, and the ratios to a bare relay."""
