"""Booking references. Their shape is that of flight numbers and shouted words, so only a cue makes one."""

import re
from collections.abc import Iterator
from typing import Final

from chat.safety.personal.cues import GAP, words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import BOOKING

_TOKEN = re.compile(r"(?<![A-Za-z0-9@.])[A-Za-z0-9]{5,12}(?![A-Za-z0-9@]|\.[A-Za-z0-9])")
_SPLIT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z0-9]{3}[ -][A-Z0-9]{3}|[A-Z0-9]{2}(?:[ -][A-Z0-9]{2}){2}|"
    r"(?:[A-Za-z0-9][ .,-]{1,2}){5}"
    r"[A-Za-z0-9])(?![A-Za-z0-9])"
)
_FLIGHT = re.compile(r"[A-Z]{2,3}\d{1,4}|[A-Z]\d\d{1,4}|\d[A-Z]\d{1,4}")
_MEASURE = re.compile(
    r"\d+(?:eur|euros?|usd|gbp|kgs?|lbs?|cms?|min|mins|hrs?|hours?|h|am|pm|km|pts|st|nd|rd|th|ml|mb|gb|"
    r"days?|dias?|x\d+.*|"
    r"horas|pax|years?)|(?:eur|usd|gbp)\d+",
    re.IGNORECASE,
)
_WORDS: Final = words(
    "conf booking bookings reservation reservations confirmation pnr pnrs locator locators ref refs "
    "reference references itinerary trip record localizador localizadores reserva reservas codigo "
    "code referencia referencias confirmacion expediente under bajo rloc resa booked reservado "
    "reserve"
)
_CUE: Final = (
    r"bookings?|reservations?|confirmations?|conf|confirmacion|pnrs?|(?:record )?locators?|refs?|references?|"
    r"itinerary|"
    r"trip id|trip|localizador(?:es)?|reservas?|codigo(?: de (?:reserva|confirmacion))?|code|"
    r"referencias?|expediente|"
    r"under|bajo|rloc|resa|file"
)
_ADJACENT = re.compile(rf"(?<![A-Za-z])(?i:{_CUE})(?![A-Za-z]){GAP}$")
# What looks like a flight number is a reference only right behind its cue.
_BARELY_APART = re.compile(
    rf"(?<![A-Za-z])(?i:{_CUE})(?:[\s:#=.]{{1,3}}(?i:is|es|was|no|nr|number|numero|code|codigo|ref|"
    rf"reference|de reserva)\b){{0,3}}"
    r"[\s:#=.]{0,3}$"
)
_LISTED = re.compile(r"[A-Z0-9]{6}\s{0,2}(?:,|;|&|/|\b(?:and|or|y|e|o)\b)\s{0,2}$")
_LOOSE = re.compile(rf"(?<![A-Za-z])(?i:{_CUE})(?![A-Za-z])(?![^\n]{{0,70}}[!?;]\s)[^\n]{{1,70}}$")
_STRONG = re.compile(rf"(?<![A-Za-z])(?i:pnr|locator|localizador|references?|referencia|codes?|codigo){GAP}$")
_SAID_TO_BE = re.compile(r"(?i:\b(?:is|was|es|era|fue|this|este|under|bajo)|[:=#])[\s\"'(]{0,3}$")
_AFTER = re.compile(
    rf"^[\s,?)\"']{{0,3}}(?i:(?:that's|thats|that is|this is|eso es|is|was|es|era|=|-|,|"
    rf"\()\s{{0,2}})?(?i:(?:my|mi|the|el|la|our|is|es|su|nuestra|nuestro|a|un|una|"
    rf"de|number|numero|flight|old|new)\s{{1,2}}){{0,4}}(?i:{_CUE})\b"
)
_OTHER_CODE = re.compile(
    r"(?i:promo(?:tion|tional|cional)?|discount|descuento|voucher|coupon|cupon|error|qr|bar|zip|postal|"
    r"area|gate|"
    r"airport|currency|dress|country|fare|tarifa|seat|asiento|page|pagina|iata)\s(?:(?i:code|"
    r"codigo)\s)?(?i:is\s|es\s|de\s)?$"
    r"|(?i:codigo|code) (?i:promocional|de descuento|de error|postal|qr)[\s:]{1,2}(?i:es\s|is\s)?$"
)
_FLIGHT_BEFORE = re.compile(
    r"(?i:\b(?:flights?|vuelos?|flt|boeing|airbus|aircraft|avion))\s?(?i:no\.?|number|numero|n\.|#)?\s?:?\s?"
    r"(?:[A-Z]{2,3}\d{2,4}(?:,| and| y|/)\s?)?$"
)
_ORDINARY: Final = words(
    "ONLINE PLEASE CANCEL REFUND FLIGHT NUMBER STATUS CHANGE URGENT TICKET POLICY REWARD DELETE "
    "MADRID LONDON LISBON DUBLIN BERLIN MUNICH GENEVA ATHENS PRAGUE VIENNA SYDNEY BOSTON DALLAS "
    "DENVER CANCUN BOGOTA MEXICO HAVANA QUITO MANILA TAIPEI SYSTEM RETURN FAMILY MEMBER AGENCY TRAVEL "
    "SUMMER WINTER AIRBUS BOEING IBERIA RYANAIR TOMORROW TODAY MONDAY FRIDAY SUNDAY ALWAYS CANNOT "
    "SHOULD REALLY REGULAR PREMIUM CANCELLED WITHOUT BEFORE DURING EXPIRED PENDING MANANA VIERNES "
    "MARTES JUEVES SABADO ULTIMO NUNCA VUELOS CAMBIO CAMBIAR URGENTE GRACIAS CANCELAR RESERVA NUMERO "
    "CODIGO BARAJAS AYUDA PUEDO QUIERO INVALID CORRECT CHECK LOCATOR EXPRESS DIRECT"
)


def find_bookings(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield booking references."""
    text = plain.text
    bare = text.strip(" .!\n\"'")
    if len(bare) == 6 and _is_mixed(bare) and bare.isupper() and not _FLIGHT.fullmatch(bare):
        start = text.index(bare)
        yield start, start + 6, BOOKING
        return
    if _WORDS.isdisjoint(plain.words):
        return
    for found in _TOKEN.finditer(text):
        if _is_reference(found, plain):
            yield *found.span(), BOOKING
    for found in _SPLIT.finditer(text):
        whole = re.sub(r"[^A-Za-z0-9]", "", found[0])
        told = _is_mixed(whole) or (len(found[0]) > 8 and whole.isupper())
        if told and len(whole) == 6 and _ADJACENT.search(_before(text, found.start())):
            yield *found.span(), BOOKING


def _before(text: str, start: int) -> str:
    return text[max(0, start - 80) : start]


def _is_mixed(token: str) -> bool:
    return not token.isalpha() and not token.isdigit()


def _is_reference(found: re.Match[str], plain: PlainText) -> bool:
    token, text = found[0], plain.text
    letters_only = token.isalpha()
    if letters_only and (not token.isupper() or len(token) != 6 or token in _ORDINARY or plain.is_shouted):
        return False
    before, after = _before(text, found.start()), text[found.end() : found.end() + 60]
    if _OTHER_CODE.search(before) or _MEASURE.fullmatch(token) or _FLIGHT_BEFORE.search(before):
        return False
    is_adjacent = bool(_ADJACENT.search(before) or _LISTED.search(before) or _AFTER.match(after))
    if token.isdigit():
        return len(token) >= 6 and is_adjacent and not _is_year_first(token)
    if letters_only:
        return is_adjacent or bool(_SAID_TO_BE.search(before) and _LOOSE.search(before))
    if len(token) != 6:
        return is_adjacent and len(token) <= 8 and token.isupper() and not token[:-1].isdigit()
    if _FLIGHT.fullmatch(token.upper()):
        if not token.isupper():
            return bool(_STRONG.search(before))
        return bool(_BARELY_APART.search(before) or _AFTER.match(after))
    return is_adjacent or bool(token.isupper() and _LOOSE.search(before))


def _is_year_first(token: str) -> bool:
    return len(token) == 8 and token.startswith(("19", "20"))
