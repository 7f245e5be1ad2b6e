"""Names and postal addresses, as far as words beside them or their shape tell."""

import re
from collections.abc import Iterator
from typing import Final

from chat.safety.personal.cues import words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import ADDRESS, PERSON

_PARTICLE: Final = r"(?:(?:de|del|la|las|los|da|do|dos|di|van|von|der|den|bin|al|el|y|e|O'|Mc|Mac)[ ]){0,3}"
_NAME_WORD: Final = r"(?:[A-Z][a-z'-]+(?:-?[A-Z][a-z'-]+){0,2}|[A-Z]\.|[A-Z]{2,20})"
_NAME: Final = rf"{_NAME_WORD}(?:[ ]{{1,2}}{_PARTICLE}{_NAME_WORD}){{0,3}}"
_TWO: Final = rf"{_NAME_WORD}(?:[ ]{{1,2}}{_PARTICLE}{_NAME_WORD}){{1,3}}"
_NAME_WORDS: Final = words(
    "this it its pax surname apellido wife husband partner son daughter mother father mum mom dad "
    "brother sister baby hijo hija marido mujer esposo esposa pareja madre padre hermana hermano bebe "
    "name names nombre nombres llamo llama passenger passengers pasajero pasajera pasajeros mr mrs ms "
    "miss dr sr sra srta don dona attn soy im i regards saludos titular holder cardholder viajero "
    "traveller traveler signed atentamente apellido apellidos surname d"
)
_SAID_NAME = re.compile(
    r"(?<![A-Za-z])(?:(?i:(?:my|his|her|the|passenger'?s?|full|first|last|family|lead|holder'?s?|"
    r"traveller'?s?)\s(?:full\s|"
    r"last\s|first\s)?(?:name|surname)(?:\sis|\s?:|\son [a-z ]{3,25} is)|name(?:\sis|\s?:)|"
    r"surname(?:\sis|\s?:)|"
    r"nombre(?: completo| del pasajero| del titular)?(?:\ses|\s?:)|apellidos?(?:\sson|\ses|\s?:)|me "
    r"llamo|se llama|"
    rf"(?:a|al|bajo el) nombre de|(?:in|under) the name(?: of)?))[\s:,\"'-]{{1,3}}({_NAME}"
    rf"(?:(?:,[ ]|/){_NAME_WORD}(?![ ][a-z]))?(?:(?:,|[ ]and|[ ]y)[ ]{_TWO}){{0,4}})"
)
_SURNAME = re.compile(
    rf"(?i:(?:sur|last |family |first )name|apellidos?|nombre)[ ]({_NAME_WORD}(?:[ ]{_NAME_WORD})?)"
)
_RELATIVE = re.compile(
    r"(?<![A-Za-z])(?:(?i:my|his|her|our|mi|su|nuestr[oa])[ ](?:wife|husband|partner|son|daughter|"
    r"mother|father|mum|mom|"
    r"dad|brother|sister|baby|hij[oa]|marido|mujer|espos[oa]|pareja|madre|padre|hermana|hermano|"
    r"bebe)(?:'s name is|"
    rf",| is called| se llama)?)[ ]({_NAME})"
)
_BESIDE_REFERENCE = re.compile(rf"(?<![A-Z0-9])(?=[A-Z0-9]*\d)[A-Z0-9]{{6}}\s?/\s?({_NAME})(?![A-Za-z0-9])")
_IN_ROLE = re.compile(
    r"(?<![A-Za-z])(?i:under|(?:card)?holder|titular|(?:passengers?|pasajer[oa]s?|viajero|traveller|"
    r"traveler)(?:\sis|\ses)?|"
    rf"attn\.?|signed|pax)[\s:,\"'-]{{1,3}}({_TWO}(?:(?:,|[ ]and|[ ]y)[ ]{_TWO}){{0,8}})"
)
_TITLED = re.compile(
    rf"(?<![A-Za-z])(?:(?:M(?:r|rs|s|iss)|MRS?|MS|MISS|MSTR|Dr|DR|Prof|Sra?|Srta|Dna|Don|Dona|D)\b\.?|"
    rf"(?:senor|senora|Senor|Senora))\s"
    rf"({_NAME})"
)
_I_AM = re.compile(
    rf"(?<![A-Za-z])(?:(?i:i am|i'm|im|soy|habla|aqui)[ ]({_TWO})|(?i:this is|it's|its)[ ]({_TWO})"
    r"(?=\s*(?:[,.!\n]|$|(?:again|here|calling|speaking|writing)\b)))"
)
_IN_SMALL_LETTERS = re.compile(
    r"(?<![a-z])(?:me llamo|my name is|my name's|mi nombre "
    r"es)\s([a-z]{2,20}(?:\s[a-z]{2,20}){0,2})(?=\s*(?:[,.;!?\n]|$|\band\b|"
    r"\by\b|\bi\b))"
)
_SIGNED = re.compile(
    rf"(?i:regards|saludos|sincerely|atentamente|thanks|gracias|cheers)\s?[,.!]?\s?\n\s{{0,3}}({_NAME})\s*$"
)
_TICKETED = re.compile(
    r"(?<![A-Z/])[A-Z]{2,20}/[A-Z]{2,20}(?:\s[A-Z]{2,20})?(?:\s?(?:MR|MRS|MS|MISS|MSTR|CHD|INF))(?![A-Z/])"
)
# What follows "my name is" in small letters and is no name.
_NO_SMALL_NAMES: Final = words(
    "wrong spelt not on missing different in the too also very correct right written mal bien "
    "incorrecto correcto la el un una mucho para otro diferente distinto por muy este esta as it so "
    "long short same mine hers his a an incorrect misspelt there still under booked now no yes"
)
_NO_NAMES: Final = words(
    "Spanish American British English French German Italian Portuguese Mexican Iberia Plus Gold "
    "Silver Platinum Business Economy Class Flight Booking The This That Is Not Wrong Please Hello Hi "
    "Member Elite Customer Passenger Name Names Date Number My Your On In At For From Madrid London "
    "Paris Barcelona Spain Friday Monday Tuesday Wednesday Thursday Saturday Sunday Regulation "
    "Article Law Reglamento Ley Terms Policy Es No Si El La Los Las Un Una Mi Age Rules First Last "
    "Full Middle Terminal Gate Really Very So Too Unhappy Happy Sorry Angry Sure Still Always Never "
    "Currently Looking Flying Travelling Traveling Going Trying Waiting Stuck Desperate Disappointed "
    "Surname Record Regulations Name Rights Service Services Union Airport Airlines Air"
)

_TYPES: Final = (
    r"(?:Street|Str|St|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Place|Pl|"
    r"Square|Sq|Terrace|"
    r"Crescent|Close|Highway|Hwy|Parkway|Pkwy|Row|Gardens|Grove|Hill|Walk|Mews|Circle|Trail)\b\.?"
)
_LOCALITY: Final = (
    r"(?:,?\s{1,2}(?i:apt|apartment|flat|suite|unit|floor|piso|puerta|planta|bloque|portal|esc|escalera|"
    r"apto|no|#)\.?\s?"
    r"[\w-]{1,6}){0,3}(?:,\s?\d{1,2}\s?o?\s?[A-Z]?(?![\w]))?"
    r"(?:,?\s{1,2}\d{5}(?:-\d{4})?(?:,?\s[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)?"
    r"|,\s{1,2}[A-Z][a-z-]{2,}(?:\s[A-Z][a-z-]{2,}){0,2}(?:,?\s{1,2}(?:[A-Z]{2}\s)?(?:\d{4,5}(?:-\d{4})?|"
    r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}))?"
    r"|,?\s{1,2}[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})?"
)
_STREET_EN = re.compile(
    r"(?<![\w.,/-])(?:(?i:flat|apt\.?|apartment|unit|suite|room)\s\w{1,5},?\s)?"
    rf"(?<![\w.,/-])\d{{1,5}}[A-Za-z]?,?\s(?:[NSEW]\.?\s)?(?:[A-Z][\w'.-]{{1,20}}\s){{1,4}}{_TYPES}(?:\s[NSEW]{{1,2}}\b)?{_LOCALITY}"
)
_STREET_ES = re.compile(
    r"(?<![A-Za-z])(?:(?i:calle|carrer|avenida|avda|avd|plaza|pza|plza|paseo|po|camino|carretera|ctra|ronda|"
    r"travesia|glorieta|rambla|"
    r"urbanizacion|carrera|cra|rua|rue)\b\.?|Via\b|(?i:c/|av\.|cl\.))\s?(?:(?i:de|del|la|las|los|el|san|"
    r"santa)\s){0,3}"
    r"[A-Z0-9][\w'.-]{0,20}(?:\s(?:(?:de|del|la|las|los|el|y)\s){0,3}[A-Z][\w'.-]{1,20}){0,4},?\s"
    rf"(?:(?i:no|num|numero|n|#)\.?\s?)?(?!(?:19|20)\d\d\b)\d{{1,4}}(?!\d|\s?(?i:horas?|h|dias?|noches?|"
    rf"kg|km|min|euros?|eur|personas?)\b)(?:\s?(?i:bis)|[A-Z](?![a-z]))?{_LOCALITY}"
)
_STREET_FR = re.compile(
    r"(?<![\w.,/-])\d{1,4}(?:\s?(?i:bis|ter))?,?\s(?i:rue|avenue|boulevard|place|chemin|via|calle|quai)\s"
    r"(?:(?:de|du|des|la|le|les|del|della)\s){0,3}[A-Z][\w'.-]{1,20}(?:\s[A-Z][\w'.-]{1,20}){0,3}"
    rf"{_LOCALITY}"
)
_LIVES = re.compile(
    r"(?<![A-Za-z])(?i:(?:home|postal|mailing|billing|shipping|delivery|my|street|his|her|new|"
    r"the)\saddress(?:\sis|\s?:)|"
    r"i live (?:at|on)|lives (?:at|on)|vivo en(?: la)?|(?:mi|su|nuestra) direccion(?: postal)?(?:\ses|\s?:)|"
    r"domicilio(?:\ses|\s?:| en)?|direccion(?: de (?:envio|facturacion))?\s?:)\s{0,3}"
    r"((?=[^\n]{0,60}\d)[A-Za-z0-9][\w'./ -]{2,50}(?:,\s?[\w'. -]{2,30}){0,3})"
)
_NO_PLACE = re.compile(
    r"\b(?:desde|hace|since|for|years?|anos|meses|months?|times|veces|hours?|horas|wrong|mal)\b",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"(?<![A-Za-z])(?i:zip(?:\scode)?|post(?:al)?\s?code|codigo postal|c\.?p\.?)(?:\s?(?i:is|"
    r"es)\b)?[\s:#]{1,3}"
    r"([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4,5}(?:-\d{3,4})?|[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?![A-Za-z0-9])"
)
_ADDRESS_WORDS: Final = words(
    "address carrer rue quai chemin live lives vivo direccion domicilio street str st avenue ave av "
    "road rd lane ln drive dr "
    "boulevard blvd way court ct place pl square sq terrace crescent close highway hwy parkway pkwy "
    "row gardens grove hill walk mews circle trail calle avenida avda avd plaza pza plza paseo camino "
    "carretera ctra ronda travesia glorieta rambla via urbanizacion carrera cra rua rue c cl po zip "
    "postcode postal cp"
)


def find_people(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield names and postal addresses."""
    if "/" in plain.text:
        for pattern in (_BESIDE_REFERENCE, _TICKETED):
            for found in pattern.finditer(plain.text):
                yield *found.span(found.lastindex or 0), PERSON
    if not _NAME_WORDS.isdisjoint(plain.words):
        for start, end in _names(plain):
            yield start, end, PERSON
    if plain.digits and not _ADDRESS_WORDS.isdisjoint(plain.words):
        for start, end in _addresses(plain.text):
            yield start, end, ADDRESS


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_STREET_EN, _STREET_ES, _STREET_FR):
        yield from (found.span() for found in pattern.finditer(text))
    for pattern in (_LIVES, _POSTCODE):
        yield from (found.span(1) for found in pattern.finditer(text) if not _NO_PLACE.search(found[1]))


_NAMES: Final = (
    _SAID_NAME, _SURNAME, _IN_ROLE, _TITLED, _RELATIVE, _I_AM, _SIGNED
)  # fmt: skip


def _names(plain: PlainText) -> Iterator[tuple[int, int]]:
    for pattern in _NAMES:
        for found in pattern.finditer(plain.text):
            if plain.is_shouted and pattern is not _TITLED:
                continue
            start, end = found.span(found.lastindex)
            name = plain.text[start:end]
            if _NO_NAMES.isdisjoint(re.findall(r"[A-Za-z]+", name)) and _has_a_word(name):
                yield start, end
    for found in _IN_SMALL_LETTERS.finditer(plain.lower):
        said = found[1].split()
        if _NO_SMALL_NAMES.isdisjoint(said) and not any(
            word.endswith(("ed", "ing", "ado", "ido")) for word in said
        ):
            yield found.span(1)


def _has_a_word(name: str) -> bool:
    """Tell whether a name is more than initials or a code such as an airport's."""
    return any(
        len(word) > 1 and not (word.isupper() and len(word) <= 3) for word in re.findall(r"[A-Za-z'-]+", name)
    )
