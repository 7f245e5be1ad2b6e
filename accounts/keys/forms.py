"""The form of a new key."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LIFETIMES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("Until I revoke it")))


class KeyForm(forms.Form):
    """What a key is called and how long it is good for."""

    name = forms.CharField(max_length=80, label=_("What uses it"), help_text=_("Such as “nightly report”."))
    days = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90", label=_("Good for"))

    def expires_at(self) -> datetime | None:
        """Return when the key ends; None if it does not by itself."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
