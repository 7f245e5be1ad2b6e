"""The import map names every package that our modules import, under the nonce of the response."""

import json
import posixpath
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from chatsite.templatetags.import_map import PACKAGES, import_map

STATIC = Path(settings.BASE_DIR) / "static"
OWN_MODULES = sorted((STATIC / "js").rglob("*.js"))


def test_map_stands_under_the_nonce():
    html = import_map({"CSP_NONCE": "n0nce"})
    shown = re.fullmatch(r'<script type="importmap" nonce="n0nce">(.*)</script>', html)
    assert shown
    assert json.loads(shown[1])["imports"]["marked"] == "/static/npm/marked/marked.esm.js"


@pytest.mark.parametrize("module", OWN_MODULES, ids=lambda module: str(module.relative_to(STATIC)))
def test_every_import_can_be_resolved(module):
    for name in re.findall(r'^import .*?"([^"]+)";', module.read_text(), re.MULTILINE | re.DOTALL):
        served = posixpath.normpath(posixpath.join(module.relative_to(STATIC).parent.as_posix(), name))
        assert name in PACKAGES or finders.find(served), name
