"""The tour: the story of the desk, played on a desk of its own that is started, killed and removed again."""
