"""The staff edge's frame: Django admin under the product's name."""

from django.conf import settings
from django.contrib.admin import AdminSite


class DeskAdminSite(AdminSite):
    """Django admin with the desk's titles."""

    site_header = f"{settings.COMPANY_NAME} · support desk"
    site_title = "Support desk"
    index_title = "Documents, records and conversations"
    site_url = "/chat/"
