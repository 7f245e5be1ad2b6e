"""System checks: settings under which limits would not hold, or would hold the wrong people."""

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register("accounts", deploy=True)
def check_limits(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Warn of limits that are off, and of a proxy whose address would count for everybody."""
    found: list[CheckMessage] = []
    if not settings.RATELIMIT_ENABLE:
        found.append(
            Warning("RATELIMIT_ENABLE is off: nothing is limited.", hint="Leave it on.", id="accounts.W001")
        )
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "BEHIND_PROXY is set and TRUSTED_PROXIES is 0: all clients count as one, the proxy.",
                hint="Set TRUSTED_PROXIES to the number of proxies that add to X-Forwarded-For.",
                id="accounts.W002",
            )
        )
    return found
