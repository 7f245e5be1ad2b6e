"""People in the staff edge."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts import identity_admin, plans_admin  # noqa: F401  (their registering is what the import is for)
from accounts.audit import admin as audit_admin  # noqa: F401  (its registering is what the import is for)
from accounts.keys import admin as keys_admin  # noqa: F401  (likewise)
from accounts.models import User
from accounts.privacy.admin import ErasesPeople


@admin.register(User)
class DeskUserAdmin(ErasesPeople, UserAdmin):
    """Django's user pages with the language of answers."""

    list_display = ("username", "email", "first_name", "last_name", "language", "is_staff", "last_login")
    fieldsets = (*UserAdmin.fieldsets, ("Desk", {"fields": ("language",)}))
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "usable_password", "password1", "password2"),
            },
        ),
    )
