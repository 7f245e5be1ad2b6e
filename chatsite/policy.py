"""What a page may load: nothing inline, nothing from elsewhere. In the form that django-csp takes."""

from collections.abc import Sequence

from csp.constants import NONCE


def content_security_policy(origins: Sequence[str], report_url: str) -> dict[str, dict[str, list[str]]]:
    """Return the policy of every page.

    Args:
        origins: of the pages, whose sockets may be opened.
        report_url: where browsers tell of what the policy has stopped; empty: nowhere.
    """
    # A policy cannot name an IPv6 address; 'self' covers the page's own host in today's browsers.
    sockets = [origin.replace("http", "ws", 1) for origin in origins if "[" not in origin]
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *sockets],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["dompurify"],
    }
    return {"DIRECTIVES": directives | ({"report-uri": [report_url]} if report_url else {})}
