"""The page "Your data": have everything, or have everything deleted."""

import time

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from accounts.limits.forms import LimitedPosts
from accounts.privacy.erasing import AccountKept, erase_account
from accounts.privacy.exporting import export_response


@method_decorator(never_cache, "dispatch")
class YourData(LoginRequiredMixin, TemplateView):
    """Says what there is, and leads to both."""

    template_name = "accounts/data.html"


class Export(LoginRequiredMixin, LimitedPosts, View):
    """Gives the archive."""

    http_method_names = ["post"]
    limit_group = "data-export"
    limit_rate = "10/h"

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make the archive and send it."""
        return export_response(request.user)


class DeletionForm(forms.Form):
    """The person says that they mean it."""

    sure = forms.BooleanField(
        label=_("Delete my account and everything in it. I know that this cannot be undone."),
        error_messages={"required": _("Please tick the box, if that is what you want.")},
    )


@method_decorator([never_cache, login_required, reauthentication_required], "dispatch")
class DeleteAccount(LimitedPosts, FormView):
    """Deletes the account, of a person who has proved a moment ago who they are."""

    template_name = "accounts/delete_account.html"
    form_class = DeletionForm
    limit_group = "account-deletion"

    def form_valid(self, form: DeletionForm) -> HttpResponse:
        """Delete everything, sign out, and lead to the sign-in page."""
        if not _is_fresh(self.request):
            form.add_error(None, _("Please sign out and in again first, then delete the account at once."))
            return self.form_invalid(form)
        try:
            erase_account(self.request.user)
        except AccountKept as kept:
            form.add_error(None, kept.words)
            return self.form_invalid(form)
        logout(self.request)
        messages.success(self.request, _("Your account and everything in it is deleted."))
        return redirect("sign-in")


def _is_fresh(request: HttpRequest) -> bool:
    """Tell whether the person has proved lately who they are.

    Whoever has a password, a second factor or a passkey was asked for it before the page. Where somebody
    else (a company's sign-in) knows the person, there is nothing to ask for, so the sign-in must be new.
    """
    if get_reauthentication_flows(request.user):
        return True
    latest = max((one.get("at", 0) for one in get_authentication_records(request, request.user)), default=0)
    return time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT
