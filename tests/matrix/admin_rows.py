"""The admin's pages of models, which Django makes by one pattern: what is expected follows from what each
member of staff may do with the model, as ``expected.toml`` says it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from django.contrib import admin

from tests.matrix.routes import Route
from tests.matrix.visitors import NAMES

_PAGES = ("changelist", "add", "history", "delete", "change")
STAFF = ("agent", "carol")
# What opens a page for reading, and what a form sent from it needs.
_NEEDS = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "history": ("view", "view"),
    "delete": ("delete", "delete"),
    "change": ("view", "change"),
}


def is_standard(route: Route) -> bool:
    """Tell whether Django's pattern made the route."""
    return _page_of(route) is not None


def admin_cells(
    routes: Sequence[Route], table: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the expected outcomes of every standard page: row, visitor, outcomes."""
    for route in routes:
        if (found := _page_of(route)) is None:
            continue
        model, page = found
        for method in ("GET", "POST"):
            for name in NAMES:
                yield f"{method} {route.pattern}", name, _expected(table[model], page, method, name)


def _expected(may: Mapping[str, str], page: str, method: str, name: str) -> set[str]:
    if name not in STAFF:
        return {"login"}
    if page == "old address":
        return {"302"}
    needed = _NEEDS[page][method == "POST"]
    return {"200", "302"} if needed in may[name].split() else {"403"}


def _page_of(route: Route) -> tuple[str, str] | None:
    """Return the model and the kind of page; None for any other route."""
    old = re.fullmatch(r"admin/(\w+)/(\w+)/<path:object_id>/", route.pattern)
    if old and route.name is None:
        return f"{old[1]}.{old[2]}", "old address"
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if route.name and route.name.startswith(f"{label}_") and route.name[len(label) + 1 :] in _PAGES:
            return model._meta.label_lower, route.name[len(label) + 1 :]
    return None
