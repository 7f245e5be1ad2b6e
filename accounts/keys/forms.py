"""The form of a new key."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until I revoke it"))


class KeyForm(forms.Form):
    """What a key is called and how long it is good for."""

    name = forms.CharField(max_length=80, label="What uses it", help_text="Such as “nightly report”.")
    days = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90", label="Good for")

    def expires_at(self) -> datetime | None:
        """Return when the key ends; None if it does not by itself."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
