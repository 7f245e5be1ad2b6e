"""Numbers, amounts, dates, times and codes of a text, in a form in which two ways to write one are equal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

Date = tuple[int | None, int, int]  # year where it is told, month, day

_MONTH_NAMES: Final = (
    "january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr", "may mayo",
    "june jun junio", "july jul julio", "august aug agosto ago", "september sept sep septiembre setiembre",
    "october oct octubre", "november nov noviembre", "december dec diciembre dic",
)  # fmt: skip
MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_SMALL: Final = (
    "two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete", "eight ocho",
    "nine nueve", "ten diez", "eleven", "twelve doce", "thirteen trece", "fourteen catorce",
    "fifteen quince", "sixteen dieciséis dieciseis", "seventeen diecisiete", "eighteen dieciocho",
    "nineteen diecinueve", "twenty veinte",
)  # fmt: skip
_TENS: Final = (
    "thirty treinta", "forty cuarenta", "fifty cincuenta", "sixty sesenta", "seventy setenta",
    "eighty ochenta", "ninety noventa",
)  # fmt: skip
WORDS: Final = {name: number for number, names in enumerate(_SMALL, 2) for name in names.split()} | {
    name: number * 10 for number, names in enumerate(_TENS, 3) for name in names.split()
}
_AMBIGUOUS: Final = {"one": 1, "un": 1, "una": 1, "uno": 1, "once": 11}  # read in sources, not in claims
_UNITS: Final = {
    "%": "% percent pct por\\sciento per\\scent",
    "kg": "kg kgs kilos? kilograms? kilogramos? kilogrammes?",
    "g": "g grams? gramos?",
    "lb": "lbs? pounds? libras?",
    "cm": "cm centimet(?:re|er)s? centímetros? centimetros?",
    "m": "m met(?:re|er)s? metros?",
    "km": "km kilomet(?:re|er)s? kilómetros? kilometros?",
    "ml": "ml millilit(?:re|er)s? mililitros?",
    "l": "l lit(?:re|er)s? litros?",
    "wh": "wh watt[\\s-]?hours?",
    "min": "mins? minutes? minutos?",
    "h": "h hrs? hours? horas?",
    "d": "days? días? dias?",
    "w": "weeks? semanas?",
    "mo": "months? mes(?:es)?",
    "y": "years? años? anos?",
    "EUR": "eur euros? €",
    "USD": "usd dollars? dólares \\$",
    "GBP": "gbp £",
}
_UNIT_OF: Final = [
    (re.compile(f"(?:{'|'.join(words.split())})\\Z", re.I), name) for name, words in _UNITS.items()
]
_UNIT: Final = "|".join(
    sorted((word for words in _UNITS.values() for word in words.split()), key=len, reverse=True)
)
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_WORD: Final = "|".join(sorted((*WORDS, *_AMBIGUOUS), key=len, reverse=True))
_FIGURE = re.compile(
    r"(?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))"
    r"|(?<![\w/])(?P<slashed>\d{1,2}(?P<bar>[/.])\d{1,2}(?P=bar)\d{4}|\d{1,2}/\d{1,2}/\d{2})(?!\d)"
    rf"|(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s|de\s)?(?P<month>{_MONTH})\b\.?"
    r"(?:,?\s(?:de\s|del\s)?(?P<year>\d{4}))?"
    rf"|(?<!\w)(?P<month2>{_MONTH})\.?\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[.,:]\d)(?:,?\s(?P<year2>\d{{4}}))?"
    r"|(?<![\w.,:])(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|(?P<hour2>\d{1,2})[:h](?P<minute2>\d{2})(?::\d{2})?(?!\w))"
    r"|(?<!\w)(?P<phone>\+?\d[\d ().-]{7,}\d)(?!\w)"
    r"|(?P<before>[€$£]\s?|\b(?:EUR|USD|GBP)\s?)?(?<!(?<!EUR)(?<!USD)(?<!GBP)[^\W\d])(?<!\d)(?<![A-Za-z]-)(?<!\d[.,])"
    r"(?P<number>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)"
    rf"(?:st|nd|rd|th|\.?[ºª])?(?:[\s\u00a0-]?(?P<unit>{_UNIT})(?!\w)|(?![\w]|-[A-Za-z]))"
    rf"|\b(?P<word>{_WORD})(?:[- ](?:y\s)?(?P<rest>{_WORD}))?\b(?:[\s-](?P<word_unit>{_UNIT})(?!\w))?"
    r"|\b(?P<code>(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z0-9]{2,}(?:-[A-Z0-9]+)*)\b",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"[€$£]\s?\d+|\+?\d+|[^\W\d_]\w*(?:-[A-Z0-9]+)*")
_BEGINNINGS: Final = frozenset((*WORDS, *_AMBIGUOUS, *MONTHS, "eur", "usd", "gbp"))
_SLIGHT = re.compile(r"\[\^[\d?]+\]|\[[A-Z][A-Z_]*_\d+\]")  # footnotes and placeholders
_ORDINAL = re.compile(r"(?m)^[\s>*-]*\d{1,2}[.)](?=\s)")
_RANGE = re.compile(r"\s?(?:-|–|—|to|a|or|o|and|y)\s?", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W_]+")
_CAPITALS = re.compile(r"\b([A-Z]{2,3})[ -]\Z")
_DIGITS = re.compile(r"\d")
_LONG_CODE: Final = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text.

    Attributes:
        kind: number, date, time, phone or code.
        values: what it may mean: ``1.000`` is a thousand or one.
        unit: of measure or money; empty where none stands beside it.
        words: as written.
    """

    kind: str
    values: tuple[object, ...]
    unit: str = ""
    words: str = ""


def figures(text: str, *, is_claim: bool = True, language: str = "") -> list[Figure]:
    """Return the figures of a text, in order.

    Args:
        text: without limits on what stands around; footnotes and placeholders are no figures.
        is_claim: ``one``, ``un`` and English ``once`` are articles and adverbs in a claim; in a source they
            may well be the figure that a claim means.
        language: of the text; tells what ``once`` is.
    """
    return _found(_ORDINAL.sub(" ", _SLIGHT.sub(" ", text)), is_claim, language)


@lru_cache(maxsize=1024)
def figures_of_source(text: str) -> tuple[Figure, ...]:
    """Return the figures of a source; kept, because the same passages are cited over and over."""
    return tuple(_found(text, False, ""))


def of_day(day: date) -> Figure:
    """Return a day as a figure."""
    return Figure("date", ((day.year, day.month, day.day),))


def is_borne_out(claim: Figure, sources: Sequence[Figure], compact: Sequence[str]) -> bool:
    """Tell whether a figure stands in the sources.

    Args:
        claim: the figure.
        sources: theirs.
        compact: each one's letters and digits alone, lower case, for codes and phone numbers.
    """
    if claim.kind not in ("code", "phone") and any(_are_equal(claim, source) for source in sources):
        return True
    return any(value in one for value in claim.values if isinstance(value, str) for one in compact)


def is_code(figure: Figure) -> bool:
    """Tell whether a figure is a code that nobody could guess: a reference, a voucher, a form."""
    return figure.kind == "code" and len(str(figure.values[0])) >= _LONG_CODE


def compacted(text: str) -> str:
    """Return a text's letters and digits alone, in lower case."""
    return _NO_LETTER.sub("", text.lower())


@lru_cache(maxsize=512)
def compacted_source(text: str) -> str:
    """Return the same of a source; kept, because the same passages are cited over and over."""
    return compacted(text)


def _found(text: str, is_claim: bool, language: str) -> list[Figure]:
    found: list[Figure] = []
    begins: list[tuple[int, int]] = []
    for match in _matches(text):
        figure = _figure(match, is_claim, language)
        if figure is not None:
            found.append(figure)
            begins.append(match.span())
            if len(found) > 1:
                _share_unit(found, text[begins[-2][1] : begins[-1][0]])
            if not is_claim and figure.kind == "date":
                found += _year_alone(figure)
                begins += [match.span()] * (len(found) - len(begins))
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield where the pattern matches; it is tried only where a figure can begin, to be quick."""
    end = 0
    for candidate in _CANDIDATE.finditer(text):
        word = candidate[0]
        if candidate.start() < end or not (
            word[0] in "+€$£" or word[0].isdigit() or word.lower() in _BEGINNINGS or _DIGITS.search(word)
        ):
            continue
        match = _FIGURE.match(text, candidate.start())
        if match is not None:
            end = match.end()
            yield match


def _share_unit(found: list[Figure], between: str) -> None:
    """Give the first end of a range its other end's unit."""
    first, second = found[-2:]
    if first.kind == second.kind == "number" and not first.unit and second.unit and _RANGE.fullmatch(between):
        found[-2] = Figure("number", first.values, second.unit, first.words)


def _year_alone(figure: Figure) -> list[Figure]:
    years = tuple(float(value[0]) for value in figure.values if isinstance(value, tuple) and value[0])
    return [Figure("number", years)] if years else []


def _figure(match: re.Match[str], is_claim: bool, language: str) -> Figure | None:
    group = match.lastgroup
    words = match[0].strip()
    if match["number"]:
        unit = match["unit"] or (match["before"] or "").strip()
        values = (*_values(match["number"]), *_with_letters_before(match))
        return Figure("number", values, _unit(unit), words)
    if match["word"]:
        value = _word_value(match, is_claim, language)
        return value and Figure("number", (value,), _unit(match["word_unit"] or ""), words)
    if match["code"]:
        is_upper = match["code"] == match["code"].upper()
        return Figure("code", (compacted(match["code"]),), "", words) if is_upper else None
    if match["phone"]:
        return _phone(match["phone"])
    if match["hour"] or match["hour2"]:
        return Figure("time", (_time(match),), "", words)
    dates = tuple(_dates(match))
    return Figure("date", dates, "", words) if dates and group else None


def _phone(written: str) -> Figure:
    digits = "".join(_DIGITS.findall(written))
    if len(digits) < 9:  # several figures with dashes between them: their order in the source is kept
        return Figure("phone", (digits,), "", written)
    return Figure("phone", (digits, digits[-9:]), "", written)


def _values(written: str) -> Iterator[float]:
    """Yield what a number may be: ``1.000`` is a thousand to some and one to others."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", written)
    grouped = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d{1,2}))?", plain)
    if grouped:
        yield float(re.sub(r"[.,]", "", grouped[1]) + (f".{grouped[2]}" if grouped[2] else ""))
    if plain.count(".") + plain.count(",") <= 1:
        yield float(plain.replace(",", "."))


def _with_letters_before(match: re.Match[str]) -> list[str]:
    """Return the code that a number may be the end of: ``LW 214``."""
    letters = _CAPITALS.search(match.string[max(0, match.start() - 5) : match.start()])
    return [letters[1].lower() + match["number"]] if letters else []


def _word_value(match: re.Match[str], is_claim: bool, language: str) -> float | None:
    word = match["word"].lower()
    if word in _AMBIGUOUS:
        is_eleven = word == "once" and language == "es" and bool(match["word_unit"])
        return float(_AMBIGUOUS[word]) if not is_claim or is_eleven else None
    value = WORDS[word]
    rest = (match["rest"] or "").lower()
    more = WORDS.get(rest, _AMBIGUOUS.get(rest, 0))
    return float(value + more if value % 10 == 0 and value >= 20 and more < 10 else value)


def _unit(written: str) -> str:
    return next((name for pattern, name in _UNIT_OF if pattern.match(written)), "") if written else ""


def _time(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match["hour"] or match["hour2"]), int(match["minute"] or match["minute2"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return hour, minute


def _dates(match: re.Match[str]) -> Iterator[Date]:
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        yield year, month, day
    elif match["slashed"]:
        first, second, year = map(int, re.split(r"[/.]", match["slashed"]))
        year += 2000 if year < 100 else 0
        yield from ((year, second, first), (year, first, second))
    elif match["month"] or match["month2"]:
        month = MONTHS[(match["month"] or match["month2"]).lower()]
        written = match["year"] or match["year2"]
        yield int(written) if written else None, month, int(match["day"] or match["day2"])


def _are_equal(claim: Figure, source: Figure) -> bool:
    if claim.kind != source.kind:
        return False
    if claim.kind == "date":
        return any(_is_same_day(one, other) for one in claim.values for other in source.values)
    if claim.kind == "number" and claim.unit and source.unit and claim.unit != source.unit:
        return False
    return any(value in source.values for value in claim.values)


def _is_same_day(one: object, other: object) -> bool:
    assert isinstance(one, tuple) and isinstance(other, tuple)  # narrows the type  # nosec B101
    return one[1:] == other[1:] and (one[0] == other[0] or None in (one[0], other[0]))
