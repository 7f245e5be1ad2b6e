"""What a site that others can reach must not be started with.

Production is where ``SITE_URL`` is https, or names another host than this machine itself. Every process reads
the settings, so none of them starts: no server, no worker, no command.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult

from chatsite import env

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# As Django's own check of the key (security.W009), which no server runs.
KEY_CHARACTERS, KEY_DIFFERENT_CHARACTERS = 50, 5
_MADE_FOR_DEBUGGING = ("django-insecure-", "debug-only-")


def is_production(site: SplitResult) -> bool:
    """Tell whether others than this machine reach the site."""
    return site.scheme == "https" or site.hostname not in LOOPBACK


def refuse_unsafe(
    site: SplitResult, *, debug: bool, keys: Sequence[str], hosts: Sequence[str], redis_url: str
) -> None:
    """Stop the process, naming the setting, where a site in production would not be safe.

    Args:
        site: the address that people type.
        debug: ``DEBUG``.
        keys: ``SECRET_KEY`` and those before it, which still open what they have signed.
        hosts: hosts and origins that are trusted.
        redis_url: ``REDIS_URL``; limits without it are counted in each process alone.
    """
    if is_production(site):
        for reason in _reasons(site, debug, keys, hosts, redis_url):
            env.refuse(f"setting refused: {reason}")


def _reasons(
    site: SplitResult, debug: bool, keys: Sequence[str], hosts: Sequence[str], redis_url: str
) -> Iterator[str]:
    if site.scheme != "https":
        yield f'"SITE_URL" must be https where others reach the site, and {site.hostname} is not this machine'
    if debug:
        yield f'"DEBUG" shows secrets to whoever reaches {site.hostname}; it is for this machine alone'
    if any(_is_weak(key) for key in keys):
        yield (
            f'"SECRET_KEY" (and each of "SECRET_KEY_FALLBACKS") needs {KEY_CHARACTERS} characters or more, '
            "made by chance: python -c 'import secrets; print(secrets.token_urlsafe(60))'"
        )
    if any("*" in host or host == "." for host in hosts):
        yield '"ALLOWED_HOSTS" and "TRUSTED_ORIGINS" must name hosts; * trusts everybody'
    if not redis_url:
        yield '"REDIS_URL" is needed: limits in memory hold in one process only, and not past its end'


def _is_weak(key: str) -> bool:
    return (
        len(key) < KEY_CHARACTERS
        or len(set(key)) < KEY_DIFFERENT_CHARACTERS
        or key.startswith(_MADE_FOR_DEBUGGING)
    )
