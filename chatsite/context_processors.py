"""What every template may know."""

from django.conf import settings
from django.http import HttpRequest


def company(request: HttpRequest) -> dict[str, object]:
    """Add the company's name."""
    return {"company_name": settings.COMPANY_NAME}
