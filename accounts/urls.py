"""Addresses of the account pages. allauth looks its own up by name, so most have two names."""

from allauth.account import views as account_views
from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.google import views as google
from allauth.socialaccount.providers.microsoft import views as microsoft
from django.urls import URLPattern, include, path, re_path

from accounts import oidc, views
from accounts.leaving import View, leave_by_page
from accounts.oidc import missing_when_unset
from accounts.spending.views import usage_page


def _named(route: str, view: View, *names: str) -> list[URLPattern]:
    return [path(route, view, name=name) for name in names]


def _service(slug: str, sign_in: View, come_back: View) -> list[URLPattern]:
    return [
        path(f"{slug}/login/", leave_by_page(missing_when_unset(sign_in)), name=f"{slug}_login"),
        path(f"{slug}/login/callback/", missing_when_unset(come_back), name=f"{slug}_callback"),
    ]


urlpatterns = [
    path("", views.Account.as_view(), name="account"),
    *_named("sign-in/", views.SignIn.as_view(), "sign-in", "account_login"),
    *_named("sign-up/", views.SignUp.as_view(), "sign-up", "account_signup"),
    *_named("sign-out/", views.SignOut.as_view(), "sign-out", "account_logout"),
    path("closed/", account_views.account_inactive, name="account_inactive"),
    path("confirm/", views.ConfirmPassword.as_view(), name="account_reauthenticate"),
    *_named("password/", views.PasswordChange.as_view(), "password-change", "account_change_password"),
    path("password/set/", views.PasswordSet.as_view(), name="account_set_password"),
    *_named("password/reset/", views.PasswordReset.as_view(), "password-reset", "account_reset_password"),
    path("password/reset/sent/", account_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.PasswordFromLink.as_view(),
        name="account_reset_password_from_key",
    ),
    path("e-mail/", views.Emails.as_view(), name="account_email"),
    path("e-mail/sent/", account_views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^e-mail/(?P<key>[-:\w]+)/$", account_views.confirm_email, name="account_confirm_email"),
    path("usage/", usage_page, name="usage"),
    path("sessions/", views.Sessions.as_view(), name="usersessions_list"),
    path("two-step/", include("allauth.mfa.urls")),
    path("connected/", include("allauth.socialaccount.urls")),
    path("oidc/<slug:provider_id>/login/", oidc.sign_in_elsewhere, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.come_back, name="openid_connect_callback"),
    *_service("google", google.oauth2_login, google.oauth2_callback),
    *_service("microsoft", microsoft.oauth2_login, microsoft.oauth2_callback),
    *_service("github", github.oauth2_login, github.oauth2_callback),
    path("data/", include("accounts.privacy.urls")),
    path("theme/", views.theme, name="theme"),
    path("language/", views.choose_language, name="language"),
]
