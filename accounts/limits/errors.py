"""What is raised where a limit is reached in the middle of something."""

from accounts.limits.decision import Decision


class LimitReachedError(Exception):
    """Something was done too often; ``accounts.limits.middleware`` answers 429."""

    def __init__(self, decision: Decision):
        self.decision = decision
        super().__init__(f"again in {decision.retry_seconds} s")
