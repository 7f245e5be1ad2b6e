"""Cards and bank accounts. Shape and surroundings are enough: a mistyped number is private all the same."""

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban, luhn

from chat.safety.personal.cues import Cued, found_by, words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import CARD, IBAN

_CARD = re.compile(r"(?<![A-Za-z0-9])\d(?:[ \t\n./_-]{0,2}\d){11,18}(?!\d|[A-Za-z]\d|[.,]\d\d?\b)")
_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3[47]|3[0689]|35|6|220")
_LENGTHS: Final = {
    "4": (13, 16, 19),
    "3": (14, 15, 16),
    "5": (16, 12, 13, 14, 15, 18, 19),
    "2": (16,),
    "6": (16, 17, 18, 19),
}
_USUAL_GROUPS: Final = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (16,), (15,))
_CARD_WORDS: Final = words(
    "card cards visa mastercard amex maestro discover diners tarjeta tarjetas credit debit credito "
    "debito paid pague pago pagado charged charge cargo cobraron cobrado refund reembolso payment cc "
    "pan"
)
_CODE = Cued(
    CARD,
    words("cvv cvc cvv2 csc security seguridad"),
    r"(?:cvv2?|cvc2?|csc|security code|codigo de seguridad)",
    r"\d{3,4}",
    least_digits=3,
)
# Length by country, from the register of the standard (ISO 13616).
_COUNTRIES: Final = dict(
    pair.split(":")
    for pair in (
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 "
        "CZ:24 DE:22 DJ:27 "
        "DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 "
        "HR:21 HU:28 IE:22 "
        "IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 "
        "MD:24 ME:22 MK:19 "
        "MN:20 MR:27 MT:31 MU:30 NI:28 NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 "
        "RU:33 SA:24 SC:31 "
        "SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
    ).split()
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{2}\d{2}|[A-Z]{2}[ -]\d{2})(?:[ .-]{0,2}[A-Za-z0-9]){11,31}")
_ACCOUNT = (
    Cued(
        IBAN,
        words("iban account accounts cuenta cuentas ccc"),
        r"(?:iban|(?:bank |my |mi )?(?:accounts?|cuentas?)(?: bancaria| corriente)?|ccc)",
        r"[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]{4}(?:[ -]?[A-Z0-9]{2,4}){2,7}|\d{4}[ -]\d{4}[ -]\d{2}[ "
        r"-]\d{10}|\d{8,20}",
        least_digits=8,
    ),
    Cued(
        IBAN,
        words("sort routing bic swift aba"),
        r"(?:sort code|routing(?: number)?|aba)",
        r"\d{2}[ -]?\d{2}[ -]?\d{2}|\d{9}",
        least_digits=6,
    ),
)  # fmt: skip


def find_money(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield card numbers and their codes, bank accounts."""
    if plain.digits < 3:
        return
    yield from found_by((_CODE,), plain)
    if plain.digits < 6:
        return
    yield from found_by(_ACCOUNT, plain)
    if plain.digits >= 10:
        for start, end in ibans(plain.text):
            yield start, end, IBAN
    if plain.digits >= 12:
        for start, end in _cards(plain):
            yield start, end, CARD


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield account numbers of the length their country has, or with right check digits."""
    for found in _IBAN.finditer(text):
        places = [place for place in range(*found.span()) if text[place].isalnum()]
        country = text[places[0] : places[1] + 1].upper()
        length = int(_COUNTRIES.get(country, 0))
        if not length or length > len(places):
            continue
        end = places[length - 1] + 1
        if end < len(text) and text[end].isalnum():
            continue
        compact = "".join(text[place] for place in places[:length])
        digits = sum(map(str.isdigit, compact))
        if digits >= 10 or iban.calc_check_digits(compact) == compact[2:4]:
            yield found.start(), end


def _cards(plain: PlainText) -> Iterator[tuple[int, int]]:
    near_card = not _CARD_WORDS.isdisjoint(plain.words)
    for found in _CARD.finditer(plain.text):
        number = re.sub(r"\D", "", found[0])
        if _is_card(number, tuple(map(len, re.findall(r"\d+", found[0]))), near_card):
            yield found.span()


def _is_card(number: str, groups: tuple[int, ...], near_card: bool) -> bool:
    if not _are_of_a_card(groups) or len(number) < 13:
        return False
    if luhn.is_valid(number) and _ISSUERS.match(number):
        return True
    if groups in _USUAL_GROUPS and _ISSUERS.match(number):
        return True
    if near_card:
        return True
    return len(number) in _LENGTHS.get(number[0], ()) and bool(_ISSUERS.match(number))


def _are_of_a_card(groups: tuple[int, ...]) -> bool:
    """Tell whether a number may be cut like this; dates beside each other are not."""
    return min(groups) >= 3 or len(set(groups[:-1])) == 1 or (groups in _USUAL_GROUPS)
