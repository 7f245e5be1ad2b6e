"""What the loading commands remember of their last run."""

from django.db import models


class LoadedSet(models.Model):
    """A set of files that a command has loaded: which state of the files, and for which day."""

    name = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)
    loaded_for = models.DateField()

    def __str__(self) -> str:
        """Return the name with the day."""
        return f"{self.name} for {self.loaded_for}"
