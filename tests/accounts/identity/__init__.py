"""Who somebody is: every way in, and what it must not open."""
