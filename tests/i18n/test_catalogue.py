"""The catalogue says everything that the sources say, and says it whole."""

import gettext
import re
from io import BytesIO

import pytest
from babel.messages import Message

from tests.i18n.catalogue import LANGUAGES, compiled, gaps, in_sources, po_of, read, untranslated

FAMILIAR = re.compile(
    r"\b(tú|tu|tus|tuyo|tuya|ti|contigo|puedes|tienes|quieres|inténtalo|elige|vuestr[oa]s?)\b", re.I
)


def _pairs(message: Message) -> list[tuple[str, str]]:
    """Return each form of a message beside its translation."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    one, other = message.id
    return [(one, message.string[0]), *((other, form) for form in message.string[1:])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_sources_stands_in_the_catalogue(language):
    def keys(catalog):
        return {(message.context, str(message.id)) for message in catalog if message.id}

    held, said = keys(read(language)), keys(in_sources())
    assert said - held == set(), "run: make messages"
    assert held - said == set(), "run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_untranslated_or_doubtful(language):
    assert untranslated(read(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_the_same_gaps_and_keep_the_same_markup(language):
    for message in read(language):
        if not message.id:
            continue
        for source, translation in _pairs(message):
            assert gaps(source) == gaps(translation), source
            assert re.findall(r"</?\w+", source) == re.findall(r"</?\w+", translation), source
            assert source.endswith("\n") == translation.endswith("\n"), source


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_that_of_the_text(language):
    def loaded(data):
        return gettext.GNUTranslations(BytesIO(data))._catalog

    assert loaded(po_of(language).with_suffix(".mo").read_bytes()) == loaded(compiled(read(language)))


def test_spanish_addresses_people_as_usted_everywhere():
    familiar = [
        form for message in read("es") if message.id for _, form in _pairs(message) if FAMILIAR.search(form)
    ]
    assert familiar == []
