"""Pages about who one is: sign-in, sign-up, password, theme."""

from typing import ClassVar

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import FormView
from django_ratelimit.core import get_usage

from accounts.forms import SignInForm, SignUpForm

THEMES = ("light", "dark", "system")
YEAR_SECONDS = 31_536_000


class LimitedPosts:
    """A page whose form may be sent a few times a minute from one address.

    ``limit_group`` names the counter; pages that share it share the count.
    """

    limit_group: ClassVar[str]
    limit_rate: ClassVar[str] = "10/m"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 429 with ``Retry-After`` beyond the rate."""
        usage = get_usage(
            request,
            group=self.limit_group,
            key="ip",
            rate=self.limit_rate,
            method="POST",
            increment=True,
        )
        # A limit of 0 is how the library says that its counter is away: then people may still sign in.
        if usage and usage["limit"] and usage["should_limit"]:
            return too_many_requests(request, seconds=max(1, usage["time_left"]))
        return super().dispatch(request, *args, **kwargs)


def too_many_requests(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """Return the page that asks to wait ``seconds``."""
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


class SignIn(LimitedPosts, auth_views.LoginView):
    """Sign in with user name and password."""

    limit_group = "sign-in"
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignUp(LimitedPosts, FormView):
    """Make an account and be signed in with it."""

    limit_group = "sign-up"
    template_name = "accounts/sign_up.html"
    form_class = SignUpForm
    success_url = reverse_lazy("chat")

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Show the form to people who are not signed in."""
        if request.user.is_authenticated:
            return redirect("chat")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Save the person and sign them in."""
        login(self.request, form.save())
        return super().form_valid(form)


class PasswordChange(LimitedPosts, auth_views.PasswordChangeView):
    """Change one's own password; other browsers are signed out by it."""

    limit_group = "password-change"
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("chat")

    def form_valid(self, form: Form) -> HttpResponse:
        """Save the new password and say so on the next page."""
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie, so that pages arrive in it and never flash the other one."""
    chosen = request.POST.get("theme", "")
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse_lazy("chat")
    response = redirect(str(back))
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response
