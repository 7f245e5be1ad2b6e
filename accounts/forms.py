"""Forms of the account pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm

from accounts.models import User


class SignInForm(AuthenticationForm):
    """User name and password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "That user name and password do not belong together. Both are case-sensitive.",
    }


class SignUpForm(BaseUserCreationForm):
    """A new customer: user name, e-mail address, password twice."""

    class Meta:
        model = User
        fields = ("username", "email")
        field_classes = BaseUserCreationForm.Meta.field_classes

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["password2"].label = "The same password again"
        self.fields["password2"].help_text = ""

    def clean_username(self) -> str:
        """Refuse a name that differs from an existing one in upper and lower case only."""
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("That user name is taken. Please choose another.")
        return username

    def clean_email(self) -> str:
        """Keep one account for each address, however it is typed."""
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("There is an account with this address. You can sign in with it.")
        return email
