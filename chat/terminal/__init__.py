"""The terminal edge: a conversation on the command line, with the desk in this process or elsewhere."""
