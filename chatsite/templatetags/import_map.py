"""The import map: where browsers find the packages that our modules name."""

import json
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

PACKAGES = {"dompurify": "npm/dompurify/purify.es.mjs", "marked": "npm/marked/marked.esm.js"}
_UNSAFE_IN_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def import_map(context: dict[str, Any]) -> SafeString:
    """Return the import map as a script element.

    It has to stand in the page (browsers do not load one from an address), so it carries the nonce of the
    response; reading the nonce is what puts it into the header.
    """
    imports = {name: static(path) for name, path in PACKAGES.items()}
    text = json.dumps({"imports": imports}, separators=(",", ":")).translate(_UNSAFE_IN_SCRIPT)
    nonce = str(context["CSP_NONCE"])
    safe = mark_safe(text)  # own names and addresses, with < > & escaped  # nosec B703
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, safe)
