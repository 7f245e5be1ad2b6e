"""Numbers on papers: passports, identity cards, tickets, frequent-flyer cards, licences; dates of birth."""

import re
from collections.abc import Iterator
from typing import Final

from chat.safety.personal.cues import Cued, found_by, words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import BIRTH, BOOKING, FLYER, IDENTITY, LICENCE, PASSPORT, SSN, TICKET

_MONTH: Final = (
    r"(?i:jan(?:uary)?|feb(?:ruary|rero)?|mar(?:ch|zo)?|apr(?:il)?|may(?:o)?|jun(?:e|io)?|jul(?:y|io)?|"
    r"aug(?:ust)?|sept?(?:ember|iembre)?|setiembre|oct(?:ober|ubre)?|nov(?:ember|iembre)?|dec(?:ember)?|"
    r"ene(?:ro)?|abr(?:il)?|ago(?:sto)?|dic(?:iembre)?)"
)
_DAY: Final = r"\d{1,2}(?i:st|nd|rd|th|o)?"
_YEAR: Final = r"(?:\d{4}|'?\d{2})"
DATE: Final = (
    rf"(?:{_DAY}[\s./-]{{0,2}}(?i:of\s|de\s)?{_MONTH}\.?(?:[\s,./-]{{0,2}}(?i:de\s|del\s|of\s)?{_YEAR})?"
    rf"|{_MONTH}\.?[\s/-]?{_DAY}(?:[\s,/-]{{1,2}}(?i:de\s|del\s)?{_YEAR})?"
    rf"|\d{{4}}[\s/-]{_MONTH}[\s/-]{_DAY}"
    r"|\d{4}\s?[./ -]\s?\d{1,2}\s?[./ -]\s?\d{1,2}|\d{1,2}\s?[./ -]\s?\d{1,2}\s?[./ -]\s?(?:\d{4}|\d{2})"
    r"|\d{1,2}/\d{1,2}|\d{8}|\d{6}|(?:19|20)\d\d)"
)
_RECOGNISERS: Final = (
    Cued(
        PASSPORT,
        words(
            "passport passports pasaporte pasaportes passeport ppt passportno pasaporteno travel "
            "viaje psprt pass"
        ),
        r"(?:passports?|pasaportes?|passeport|psprt|ppt|pass (?:no\b|number\b)|travel document|"
        r"documento de viaje)",
        r"[A-Za-z]{0,3}[ -]?\d{5,9}[A-Za-z]?|[A-Z0-9]{7,10}|[A-Za-z]{0,3}[ -]?\d{2,4}[ -]\d{2,4}(?:[ "
        r"-]\d{2,4})?",
    ),
    Cued(
        FLYER,
        words(
            "freq frequent flyer flier ff ffn ffp loyalty miles millas membership member avios iberia plus "
            "socio mileageplus skymiles aadvantage viajero fidelidad fidelizacion puntos points "
            "rewards club krisflyer"
        ),
        r"(?:freq(?:uent)?[- ]?(?:flyer|flier)|ffn|ffp|ff|loyalty|(?:air)?miles(?: (?:and|&) more)?|millas|"
        r"membership|"
        r"member|avios|iberia plus|iberia club|socio|socia|mileage ?plus|sky ?miles|aadvantage|"
        r"krisflyer|flying blue|"
        r"viajero frecuente|fidelidad|fidelizacion|puntos|executive club|rewards)",
        r"[A-Z]{2,3}[ -]?\d(?:[ -]?\d){4,11}[A-Z]?|[A-Za-z]{1,3}\d{5,11}|\d(?:[ -]?\d){5,15}",
        least_digits=5,
    ),
    Cued(
        TICKET,
        words("ticket tickets eticket etix etkt tkt billete billetes boleto boletos tiquete bilhete"),
        r"(?:(?:e-?)?tickets?|etix|e-?tkt|tkt|billetes?|boletos?|tiquete|bilhete)(?: electronico)?",
        r"\d{3}(?:[ -]?\d){10}(?:[-/]\d{1,2})?|\d{10,14}|\d{3}(?:[ -]\d{3,4}){2,3}",
        least_digits=10,
    ),
    Cued(
        SSN,
        words("ssn social"),
        r"(?:ssn|s\.s\.n\.?|social security|seguro social|seguridad social)",
        r"\d{3}[ .-]?\d{2}[ .-]?\d{4}|\d{2}[ /-]?\d{8}[ /-]?\d{2}",
        least_digits=9,
    ),
    Cued(
        LICENCE,
        words("licence license licencia permiso driver driving carnet conducir"),
        r"(?:driv(?:er|ing)'?s?'? licen[cs]e|licen[cs]e number|(?:carnet|permiso|licencia) de "
        r"(?:conducir|conduccion|manejo))",
        r"[A-Z]{0,3}[ -]?\d{5,12}[A-Z]?|[A-Z]\d{3}[ -]\d{4}[ -]\d{4}|[A-Z]{5}\d{6}[A-Z0-9]{3,7}",
        least_digits=5,
    ),
    Cued(
        IDENTITY,
        words(
            "dni nie nif nif identity identidad identification identificacion cedula documento "
            "document id cif rut curp cpf dnie residence residencia"
        ),
        r"(?:d\.?n\.?i\.?e?|n\.?i\.?e|n\.?i\.?f|(?:national |spanish )?id(?:entity|entification)?(?: "
        r"(?:card|document))?|"
        r"(?:carnet|documento|tarjeta)(?: nacional)? de (?:identidad|identificacion|residencia)|identidad|"
        r"identificacion|cedula|document|documento|residence permit|rut|cpf|curp)",
        r"[A-Z]{4}\d{6}[A-Z]{6}[A-Z0-9]\d|"
        r"[A-Za-z]?[ -]?\d{1,2}[.\s]\d{3}[.\s]\d{3}[ .-]{0,3}[A-Za-z]?|[A-Za-z]{0,3}[ -]?\d{6,11}(?:[ "
        r"-]{0,2}[A-Za-z](?![A-Za-z]))?",
        least_digits=6,
    ),
    Cued(
        BOOKING,
        words(
            "booking reservation order reserva pedido confirmation case claim incident expediente "
            "reclamacion caso"
        ),
        r"(?:booking|reservation|order|reserva|pedido|confirmation|case|claim|incident|expediente|"
        r"reclamacion|caso)\s?"
        r"(?:no\b|nr\b|number|num\b|#|ref\b|reference|id\b|numero)",
        r"[A-Z]{0,4}-?\d(?:-?\d){4,12}",
        least_digits=5,
    ),
    Cued(
        BIRTH,
        words(
            "born birth birthday birthdate dob d fdn bday nacimiento nac naci nacio nacido nacida "
            "cumpleanos cumple nacida"
        ),
        r"(?:born(?: on| in)?|(?:date of )?birth(?:day|date| date)?|b-?day|d\.?o\.?b\.?|fdn|"
        r"(?:fecha (?:de )?|f\.? ?)?nac(?:imiento|\.|(?=[\s:]))|nac(?:i|io|ido|ida)(?: el| en)?|"
        r"cumple(?:anos)?)(?: el)?",
        DATE,
        least_digits=1,
    ),
)  # fmt: skip
# Shapes that are told without any word beside them.
_TICKET = re.compile(r"(?<![\w-])\d{3}-\d{10}(?![\w-])")
_SSN = re.compile(r"(?<![\w-])(?!000|666)\d{3}-\d{2}-\d{4}(?![\w-])")
_DNI = re.compile(
    r"(?<![A-Za-z0-9.-])(?:\d{8}[ -]?[A-Z]|\d{2}\.\d{3}\.\d{3}[ .-]{0,3}[A-Za-z]|[XYZ][ .-]?\d{7}[ "
    r".-]?[A-Z]|\d{8}[a-z]|"
    r"[xyz]-?\d{7}-?[a-z])(?![A-Za-z0-9])"
)


def find_documents(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield numbers of papers and dates of birth."""
    if not plain.digits:
        return
    yield from found_by(_RECOGNISERS, plain)
    if plain.digits < 7:
        return
    for pattern, kind in ((_TICKET, TICKET), (_SSN, SSN), (_DNI, IDENTITY)):
        for found in pattern.finditer(plain.text):
            yield *found.span(), kind
