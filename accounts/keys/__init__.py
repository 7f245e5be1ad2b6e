"""Personal API keys, and the applications that a person has let in: pages, REST routes, staff's list."""
