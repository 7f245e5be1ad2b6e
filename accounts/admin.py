"""People in the staff edge."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import User


@admin.register(User)
class DeskUserAdmin(UserAdmin):
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
