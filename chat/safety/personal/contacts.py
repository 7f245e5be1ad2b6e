"""Ways to reach a person: e-mail addresses and telephone numbers, also as people dictate them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import phonenumbers

from chat.safety.personal.cues import words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import CARD, EMAIL, PHONE

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{0,63}[\w!#$%&*+=?^`{|}~-](?:@|[ ]@[ "
    r"])(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,23}",
    re.ASCII,
)
_EMAIL_WORLD = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
# ana dot lopez at example dot com; ana arroba ejemplo punto es; ana [at] example [dot] com.
_DOT: Final = r"(?:\s{0,2}[\[({]\s?(?i:dot|punto|\.)\s?[\])}]\s{0,2}|\s{1,2}(?i:dot|punto)\s{1,2}|\s?\.\s?)"
_SAID_DOT: Final = r"(?:\s{0,2}[\[({]\s?(?i:dot|punto|\.)\s?[\])}]\s{0,2}|\s{1,2}(?i:dot|punto)\s{1,2})"
_JOINT: Final = rf"(?:{_DOT}|\s{{1,2}}(?i:underscore|guion bajo|guion|dash|hyphen|plus|mas)\s{{1,2}}|[._+-])"
_LOCAL: Final = rf"(?<![\w@])[A-Za-z0-9]{{1,30}}(?:{_JOINT}[A-Za-z0-9]{{1,30}}){{0,5}}"
_AT: Final = (
    r"(?:\s{0,2}[\[({<]\s?(?i:at|arroba|@)\s?[\])}>]\s{0,2}|\s{1,2}(?i:arroba)\s{1,2}|\s{1,2}@\s{1,2})"
)
_BARE_AT: Final = r"\s{1,2}(?i:at)\s{1,2}"
_LABEL: Final = r"[A-Za-z0-9][A-Za-z0-9-]{0,40}"
_ENDING: Final = r"[A-Za-z]{2,12}"
_SPOKEN = re.compile(
    rf"{_LOCAL}(?:{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_DOT}{_ENDING}"
    rf"|{_BARE_AT}{_LABEL}(?:{_SAID_DOT}{_LABEL}){{0,3}}{_SAID_DOT}{_ENDING})\b"
)
_SPOKEN_AFTER_CUE = re.compile(
    rf"(?i:e-?mail|mail|correo|reach me|write to|contact)[^.@\n]{{0,20}}?\s((?!at\b){_LOCAL}{_BARE_AT}"
    rf"{_LABEL}(?:\.[A-Za-z0-9-]{{1,40}}){{1,4}})"
)
_LEAD_IN = re.compile(
    r"^(?:(?:my |mi )?(?:(?:e-?)?mail|correo|address|direccion)(?: electronico)?(?: address)? (?:is|es) |"
    r"(?:(?:it's|its|it|is|es|to|a|me|at|write|escribe|escribeme|email|mail|correo|cc|send|or|and|y|o|"
    r"please)\s){1,4})",
    re.IGNORECASE,
)

_PHONE = re.compile(
    r"(?<![\w.,/@$€£-])(?<!\d:)(?:\(?(?:\+|00)\s?\(?|\()?\d(?:[ ()./-]{0,3}\d){5,16}"
    r"(?:[\s,]{0,2}(?i:x|ext|extension|anexo|int)\.?\s?\d{1,6})?(?![\w@]|[.,:]\d|-\d|/\d)"
)
_CUE: Final = (
    r"call|calls|calling|phone|phones|telephone|tel|tlf|tfno|tlfn|telf|mobile|mob|cell|cellphone|"
    r"whatsapp|telegram|"
    r"signal|contact|contacto|contactar|reach|ring|llama\w{0,6}|telefono|telefonos|movil|celular|"
    r"fijo|fax|desk|"
    r"office|oficina|text|sms|landline|number is|numero es|numero de contacto|dial|hotline|mensaje|"
    r"escrib\w{1,8}"
)
_CUE_BEFORE = re.compile(rf"\b(?:{_CUE})\b\.?(?:(?<=no)\.|[^\n.!?;]){{0,28}}$", re.IGNORECASE)
_CUE_AFTER = re.compile(rf"^[\s,()-]{{0,3}}(?:[a-z']{{1,10}}\s){{0,4}}(?:{_CUE})\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:^|[.,;:!?\n]|\b(?:my|our|his|her|the|mi|su|el))\s?(?:number|numero)(?:\sis|\ses)?\s?:?\s?$",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    r"^\s?(?:%|€|\$|£|eur|usd|gbp|euro|dollar|dolar|peso|pound|libra|mile|milla|km|kg|avios|punto|point|"
    r"pasajero|"
    r"passenger|metro|meter)",
    re.IGNORECASE,
)
_NOT_A_PHONE_BEFORE = re.compile(
    r"(?:€|\$|£|\b(?:eur|usd|gbp|order|pedido|invoice|factura|version|iso|flight|vuelo|case|claim|caso|"
    r"reclamacion))\s?(?:no\.?|number|numero|#|:|is|es)?\s?$",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"(?:(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|"
    r"20)?\d{2})(?:\s?-?\s?\d{1,2}){0,3}"
)
_PARTED = re.compile(
    r"^\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}$|^\(\d{2,5}\)[ -]?\d{3,4}[ -]?\d{3,4}$|^1[ .-]\(?\d{3}"
)
_REGIONS: Final = ("ES", "GB")  # whose numbers are told without a country code

_DIGIT_WORDS: Final = (
    "zero oh nought cero one uno una two dos three tres four cuatro five cinco six seis seven siete eight "
    "ocho nine nueve double triple doble"
).split()
_TENS: Final = (
    "diez once doce trece catorce quince veinte treinta cuarenta cincuenta sesenta setenta ochenta "
    "noventa cien "
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos "
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
    "forty fifty "
    "sixty seventy eighty ninety hundred"
).split()
_DIGIT: Final = "|".join((*_DIGIT_WORDS, *_TENS, r"dieci\w{3,6}", r"veinti\w{3,6}"))
_DICTATED = re.compile(
    rf"(?<![A-Za-z])(?i:{_DIGIT}|plus)(?:[\s,.-]{{1,3}}(?:(?i:{_DIGIT}|y|o|"
    rf"and)(?![A-Za-z])|\d{{1,4}}(?!\d))){{5,40}}"
)
_SAID: Final = frozenset((*_DIGIT_WORDS, *_TENS))


def find_contacts(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield e-mail addresses and telephone numbers."""
    yield from _emails(plain)
    if plain.digits >= 6:
        for start, end in _phones(plain):
            yield start, end, PHONE
    if len(_SAID & plain.words) >= 2:
        yield from _dictated(plain)


_SPOKEN_WORDS: Final = words("dot punto arroba at")


def _emails(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    if "@" in plain.text:
        for found in _EMAIL.finditer(plain.text):
            yield *found.span(), EMAIL
        if not plain.text.isascii():
            for found in _EMAIL_WORLD.finditer(plain.text):
                yield *found.span(), EMAIL
    if _SPOKEN_WORDS.isdisjoint(plain.words) and "@" not in plain.text:
        return
    for found in _SPOKEN.finditer(plain.text):
        start = found.start()
        while lead_in := _LEAD_IN.match(plain.text[start : found.end()]):
            start += lead_in.end()
        yield start, found.end(), EMAIL
    for found in _SPOKEN_AFTER_CUE.finditer(plain.text):
        yield *found.span(1), EMAIL


def _phones(plain: PlainText) -> Iterator[tuple[int, int]]:
    text = plain.text
    for found in _PHONE.finditer(text):
        number, start, end = found[0], found.start(), found.end()
        if number.startswith("(") and ")" not in number:
            number, start = number[1:], start + 1
        before, after = text[max(0, start - 45) : start], text[end : end + 40]
        if _is_phone(number, before, after):
            yield start, end


def _is_phone(number: str, before: str, after: str) -> bool:
    digits = sum(map(str.isdigit, number))
    if (
        digits < 6
        or _DATES.fullmatch(number)
        or _MONEY_AFTER.match(after)
        or _NOT_A_PHONE_BEFORE.search(before)
    ):
        return False
    if digits >= 7 and (
        number.lstrip("(").startswith("+") or (number.lstrip("(").startswith("00") and digits >= 10)
    ):
        return True
    if _CUE_BEFORE.search(before) or _CUE_AFTER.match(after):
        return True
    if digits >= 7 and _PARTED.match(number):
        return True
    return 9 <= digits <= 12 and (bool(_NUMBERED.search(before)) or _is_valid(number))


@lru_cache(maxsize=1)
def _metadata_is_loaded() -> bool:
    """Load what the library knows of the regions, which takes a moment the first time."""
    for region in _REGIONS:
        phonenumbers.PhoneMetadata.metadata_for_region(region)
    return True


def _is_valid(number: str) -> bool:
    _metadata_is_loaded()
    for region in _REGIONS:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return True
    return False


def _dictated(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    for found in _DICTATED.finditer(plain.text):
        said = re.findall(r"[a-z]+|\d+", found[0].lower())
        count = sum(len(one) if one.isdigit() else one not in ("y", "o", "and", "plus") for one in said)
        if count >= 6:
            yield *found.span(), CARD if count >= 13 else PHONE
