"""The numbers of a sentence with what they count, so that 24 hours and one day are the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from knowledge.search.terms import content_words, fold, stem

_WRITTEN: Final = {
    name: str(number)
    for number, names in enumerate(
        (
            "two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete", "eight ocho",
            "nine nueve", "ten diez", "eleven once", "twelve doce",
        ),
        start=2,
    )
    for name in names.split()
}  # fmt: skip
_WRITTEN_OUT = re.compile(rf"\b({'|'.join(_WRITTEN)})\b(?=[\s-]+\w)", re.IGNORECASE)
_ONE_OF_TIME = re.compile(
    r"\b(?:one|an?|una?)\b(?=[\s-](?:hour|day|week|month|year|hora|d[ií]a|semana|mes|año)\b)", re.IGNORECASE
)
_HOURS_AND_MINUTES = re.compile(
    r"\b(\d{1,3})\s?(?:hours?|horas?|h)(?:\sand|\sy|,)?\s(\d{1,2})\s?(?:minutes?|mins?|minutos?)\b",
    re.IGNORECASE,
)

# What a number may count: the dimension, and how many of its unit one of these is. Sources of the factors:
# the definitions of the units (1 lb = 0.45359237 kg, 1 in = 2.54 cm, 1 mile = 1.609344 km).
_UNITS: Final[dict[str, tuple[str, float]]] = {
    **dict.fromkeys(("minute", "minutes", "min", "mins", "minuto", "minutos"), ("minutes", 1.0)),
    **dict.fromkeys(("hour", "hours", "h", "hrs", "hora", "horas"), ("minutes", 60.0)),
    **dict.fromkeys(("day", "days", "dia", "dias"), ("minutes", 1_440.0)),
    **dict.fromkeys(("week", "weeks", "semana", "semanas"), ("minutes", 10_080.0)),
    **dict.fromkeys(("month", "months", "mes", "meses"), ("months", 1.0)),
    **dict.fromkeys(("year", "years", "ano", "anos"), ("months", 12.0)),
    **dict.fromkeys(("kg", "kilo", "kilos", "kilogram", "kilograms", "kilogramos"), ("kg", 1.0)),
    **dict.fromkeys(("lb", "lbs"), ("kg", 0.45359237)),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeters", "centimetros"), ("cm", 1.0)),
    **dict.fromkeys(("inch", "inches"), ("cm", 2.54)),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometers", "kilometros"), ("km", 1.0)),
    **dict.fromkeys(("mile", "miles"), ("km", 1.609344)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
    **dict.fromkeys(("€", "eur", "euro", "euros"), ("EUR", 1.0)),
    **dict.fromkeys(("$", "usd", "dollar", "dollars", "dolares"), ("USD", 1.0)),
    **dict.fromkeys(("£", "gbp"), ("GBP", 1.0)),
}
_MONEY: Final = ("EUR", "USD", "GBP")
_WORKING: Final = ("working", "business")  # days that are counted apart from those of the calendar
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero", "february feb febrero", "march mar marzo", "april apr abril", "may mayo",
            "june jun junio", "july jul julio", "august aug agosto", "september sep sept septiembre",
            "october oct octubre", "november nov noviembre", "december dec diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_NUMBER = r"\d+(?:[.,]\d+)*"
# Numbers that name a thing instead of counting: addresses, LW214, K7PQ2M, 261/2004, telephone numbers,
# Article 5, Form 22-1999.
_NAMES = re.compile(
    r"""(?:https?://|www\.)\S+ | \S+@\S+
    | \b(?=\w*\d)\w*[^\W\d_]{2,}\d\w*\b | \b\d+[^\W\d_]\d\w*\b
    | \b\d+/\d{4}\b | \+\d[\d\ ]{6,}\d
    | \b(?:article|section|step|chapter|regulation|version|page|level|terminal|gate|form|no\.|nº|artículo
        |sección|paso|capítulo|reglamento|página|nivel|puerta|formulario)\s?\d[\d.]*(?:\s?-\s?\d+)*\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"""\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ |de\ )?(?P<month>{_MONTH})\b
        (?:,?\ (?:de\ |of\ )?(?P<year>\d{{4}}))?
    | \b(?P<month2>{_MONTH})\.?\ (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\ (?P<year2>\d{{4}}))?
    | \b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
_COUNTED = re.compile(
    rf"(?P<sign>[€$£]|\b(?:EUR|USD|GBP))?\s?(?<![\w.,])(?P<low>{_NUMBER})"
    rf"(?:\s?(?:-|–|to|and|or|a|y|o)\s?[€$£]?(?P<high>{_NUMBER}))?"
    r"[\s-]?(?P<unit>[%€$£]|[^\W\d_]+)?(?:\s(?P<next>[^\W\d_]+))?",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w])\d+(?:[.,:/]\d+)*(?![\w])")
_UNIT_WORDS = re.compile(
    r"[€$£%]|\b(?:"
    + "|".join(sorted(unit for unit in _UNITS if unit.isalpha() and unit != "h"))
    + r"|días?|años?|dólares)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """An amount and what it is of: ``minutes``, ``EUR``, ``date``, or the stem of what is counted."""

    of: str
    amount: str

    @property
    def kind(self) -> str:
        """Return what it can be compared with: money of any currency, everything else with its like."""
        return "money" if self.of in _MONEY else self.of


def quantities_in(text: str, language: str) -> frozenset[Quantity]:
    """Return the quantities that a sentence names; numbers that are names are none."""
    return frozenset(_quantities(text, language))


def without_numbers(text: str) -> str:
    """Return the sentence without dates, numbers and the units they count; names such as LW214 stay."""
    return _UNIT_WORDS.sub(" ", _BARE.sub(" ", _WRITTEN_OUT.sub(" ", _DATE.sub(" ", text))))


def _sum_durations(text: str) -> str:
    """Write 2 hours 30 minutes as 150 minutes."""
    return _HOURS_AND_MINUTES.sub(lambda found: f"{int(found[1]) * 60 + int(found[2])} minutes", text)


def _quantities(text: str, language: str) -> Iterator[Quantity]:
    text = _NAMES.sub(" ; ", text)
    for found in _DATE.finditer(text):
        yield Quantity("date", _day(found))
    text = _DATE.sub(" ; ", text)
    for found in _CLOCK.finditer(text):
        yield Quantity("clock", found[0].zfill(5))
    text = _CLOCK.sub(" ; ", text)
    text = _ONE_OF_TIME.sub("1", _WRITTEN_OUT.sub(lambda word: _WRITTEN[word[0].lower()], text))
    text = _sum_durations(text)
    for found in _COUNTED.finditer(text):
        of, factor = _unit(found, language)
        for number in filter(None, (found["low"], found["high"])):
            yield Quantity(of, f"{_value(number) * factor:g}")


def _unit(found: re.Match[str], language: str) -> tuple[str, float]:
    if found["sign"]:
        return _UNITS[found["sign"].lower()]
    word = fold(found["unit"] or "")
    if word in _WORKING and fold(found["next"] or "") in ("day", "days"):
        return "working days", 1.0
    if word in ("per", "por"):
        return ("percent", 1.0) if fold(found["next"] or "") in ("cent", "ciento") else ("", 1.0)
    if word in _UNITS:
        of, factor = _UNITS[word]
        is_laborable = word in ("dia", "dias") and fold(found["next"] or "").startswith(
            ("laborable", "habil")
        )
        return ("working days", 1.0) if is_laborable else (of, factor)
    counted = content_words(found["unit"] or "", language) or content_words(found["next"] or "", language)
    return (stem(counted[0], language) if counted else "", 1.0)


def _value(number: str) -> float:
    """Read 1,000 and 1.000 as a thousand, 1,5 and 1.5 as one and a half."""
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number):
        return float(re.sub(r"[.,]", "", number))
    whole, _, rest = number.replace(",", ".").partition(".")
    return float(f"{whole}.{rest.replace('.', '') or 0}")


def _day(found: re.Match[str]) -> str:
    if found["iso"]:
        return found["iso"]
    month = _MONTHS[(found["month"] or found["month2"]).lower()]
    day, year = int(found["day"] or found["day2"]), found["year"] or found["year2"] or ""
    return f"{year}-{month:02}-{day:02}"
