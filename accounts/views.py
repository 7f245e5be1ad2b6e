"""Pages about who one is: sign-in, sign-up, password, addresses, sessions, theme."""

from typing import ClassVar

from allauth.account import views as account_views
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView

from accounts.forms import ProfileForm
from accounts.hashers import HashingBusyError
from accounts.language import known
from accounts.limits.forms import LimitedPosts
from accounts.models import User
from accounts.sessions import browser_name, end_session

THEMES = ("light", "dark", "system")
YEAR_SECONDS = 31_536_000
BUSY_SECONDS = 5


class HashesPasswords:
    """A page that hashes a password, which a busy process may have no place for."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 503 with ``Retry-After`` when no place became free."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except HashingBusyError as busy:
            response = render(request, "accounts/busy.html", {"words": busy.words}, status=503)
            response["Retry-After"] = str(BUSY_SECONDS)
            return response


class SignIn(LimitedPosts, account_views.LoginView):
    """Sign in with user name or e-mail address and password."""

    limit_group = "sign-in"
    template_name = "accounts/sign_in.html"
    limit_rate = "30/m"  # of all tries; wrong ones are limited where passwords are compared


class SignUp(LimitedPosts, HashesPasswords, account_views.SignupView):
    """Make an account."""

    limit_group = "sign-up"
    template_name = "accounts/sign_up.html"


class SignOut(account_views.LogoutView):
    """Sign out; only a form does, as a link could be put anywhere."""

    http_method_names: ClassVar = ["post", "options"]


class PasswordChange(LimitedPosts, HashesPasswords, account_views.PasswordChangeView):
    """Change one's own password; other browsers are signed out by it."""

    limit_group = "password-change"
    template_name = "accounts/password_change.html"


class PasswordSet(LimitedPosts, HashesPasswords, account_views.PasswordSetView):
    """Set a first password."""

    limit_group = "password-change"
    template_name = "accounts/password_set.html"


class PasswordReset(LimitedPosts, account_views.PasswordResetView):
    """Ask for a link to a new password; known and unknown addresses get the same answer."""

    limit_group = "password-reset"


class PasswordFromLink(LimitedPosts, HashesPasswords, account_views.PasswordResetFromKeyView):
    """Set a new password behind that link."""

    limit_group = "password-reset"


class ConfirmPassword(LimitedPosts, account_views.ReauthenticateView):
    """Ask for the password once more."""

    limit_group = "confirm-password"


class Emails(account_views.EmailView):
    """One's e-mail addresses."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Add, confirm, remove or prefer an address."""
        try:
            with transaction.atomic():
                return super().post(request, *args, **kwargs)
        except IntegrityError:  # it became somebody else's in the meantime
            messages.error(request, gettext("That address cannot be used. Please choose another."))
            return redirect("account_email")


class Account(LoginRequiredMixin, UpdateView):
    """Name, language of answers, and the way to everything else about one's account."""

    form_class = ProfileForm
    template_name = "accounts/account.html"
    success_url = reverse_lazy("account")

    def get_object(self, queryset: object = None) -> User:
        """Return a copy of the signed-in person: the page's head must not show a name that was refused."""
        return User.objects.get(pk=self.request.user.pk)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add how things stand, for the links."""
        person = self.request.user
        kinds = set(person.authenticator_set.values_list("type", flat=True))
        return super().get_context_data(
            **kwargs,
            emails=person.emailaddress_set.count(),
            has_app="totp" in kinds,
            passkeys=person.authenticator_set.filter(type="webauthn").count(),
            sessions=UserSession.objects.filter(user=person).count(),
            services=bool(settings.SOCIALACCOUNT_PROVIDERS),
            connected=person.socialaccount_set.count(),
        )

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        """Save the profile and say so."""
        messages.success(self.request, gettext("Saved."))
        return super().form_valid(form)


class Sessions(ListUserSessionsView):
    """The browsers one is signed in with, each with a way to end it."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """List them; this browser is among them in any case."""
        UserSession.objects.create_from_request(request)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add each browser's name."""
        context = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.browser = browser_name(session.user_agent)
        return context

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """End the session named by ``session``, or all others."""
        if "session" not in request.POST:
            return super().post(request, *args, **kwargs)
        pk = request.POST["session"]
        session = get_object_or_404(UserSession, user=request.user, pk=pk if pk.isdecimal() else None)
        if session.is_current():
            account_views.flows.logout.logout(request)
            return redirect(settings.LOGOUT_REDIRECT_URL)
        end_session(session)
        messages.success(request, gettext("Signed out there."))
        return redirect("usersessions_list")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie, so that pages arrive in it and never flash the other one."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in THEMES:
        _keep(request, response, "theme", chosen)
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language: in the profile of whoever is signed in, and in this browser."""
    chosen = known(request.POST.get("language", ""))
    response = _back(request)
    if chosen:
        if request.user.is_authenticated and request.user.language != chosen:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
        _keep(request, response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """Lead back to the page that a form was sent from."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("chat")
    return redirect(back)


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
