"""The signed-in person over REST: who they are, and what their plan leaves them."""
