"""The catalogue of translated words, and the sources that they stand in.

``make messages`` (``python -m tests.i18n.catalogue``) takes new words of the sources into the catalogue,
drops those that are gone, and compiles it; without gettext's own programs, which not every machine has.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final

import django
from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parents[2]
LANGUAGES: Final = ("es",)  # beside English, in which the sources are written
_APPS: Final = ("accounts", "chat", "chatsite", "knowledge", "webhooks")
_KEYWORDS: Final = {
    name: None for name in ("gettext", "gettext_lazy", "gettext_noop", "_")
} | {
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
_NO_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)  # the same words make the same file
# Words of packages that their own catalogue leaves in English, or says otherwise than the desk does.
_OF_PACKAGES: Final = ROOT / "locale" / "of_packages.txt"


def po_of(language: str) -> Path:
    """Return where a language's catalogue is."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one where there is none yet."""
    file = po_of(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """Return the catalogue as Django reads it."""
    target = BytesIO()
    catalog.creation_date = catalog.revision_date = _NO_TIME
    write_mo(target, catalog)
    return target.getvalue()


def in_sources() -> Catalog:
    """Return all words of the sources that are marked for translation."""
    catalog = Catalog(project="Chatsite", charset="utf-8")
    for file in sorted(_sources()):
        code = _python_of(file)
        for _, function, words, _ in extract_python(BytesIO(code.encode()), _KEYWORDS, [], {}):
            _add(catalog, function, words)
    for line in _OF_PACKAGES.read_text(encoding="utf-8").splitlines():
        if line:
            catalog.add(line.replace("\\n", "\n"))
    return catalog


def renew(language: str) -> Catalog:
    """Bring a language's catalogue up to the sources, and compile it; return it."""
    catalog = read(language)
    catalog.update(in_sources(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    text = BytesIO()
    write_po(text, catalog, width=110, no_location=True, sort_output=True, omit_header=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    file = po_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head + text.getvalue().decode(), encoding="utf-8")
    renewed = read(language)
    file.with_suffix(".mo").write_bytes(compiled(renewed))
    return renewed


def untranslated(catalog: Catalog) -> list[str]:
    """Return the words that have no translation, or a doubtful one."""
    return [_first(one.id) for one in catalog if one.id and (one.fuzzy or not all(_texts(one.string)))]


def gaps(text: str) -> list[str]:
    """Return the places of a text that are filled in: ``%(name)s``, ``%d``, ``{name}``."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w+\}", text))


def _texts(words: str | Iterable[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _first(words: str | Iterable[str]) -> str:
    return _texts(words)[0]


def _sources() -> Iterator[Path]:
    for app in _APPS:
        yield from (ROOT / app).rglob("*.py")
    for kind in ("*.html", "*.txt"):
        yield from (ROOT / "templates").rglob(kind)


def _python_of(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return text
    # What is no word becomes X; the indentation of a template would be a fault in Python.
    return "\n".join(line.strip() for line in templatize(text, origin=str(file)).splitlines())


def _add(catalog: Catalog, function: str, words: object) -> None:
    found = (words,) if isinstance(words, str) else tuple(words)  # type: ignore[arg-type]
    if function.startswith("npgettext"):
        catalog.add((found[1], found[2]), context=found[0])
    elif function.startswith("pgettext"):
        catalog.add(found[1], context=found[0])
    elif function.startswith("ngettext"):
        catalog.add((found[0], found[1]))
    elif found[0]:
        catalog.add(found[0])


def main() -> None:
    """Renew every language; end with a fault where words lack a translation."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    lacking = StringIO()
    for language in LANGUAGES:
        missing = untranslated(renew(language))
        print(f"{language}: {len(missing)} without a translation")
        lacking.writelines(f"  {words}\n" for words in missing)
    print(lacking.getvalue(), end="")
    sys.exit(1 if lacking.getvalue() else 0)


if __name__ == "__main__":
    main()
