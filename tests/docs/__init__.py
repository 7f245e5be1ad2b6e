"""The documentation's examples, run as they stand there."""
