"""What a question is about, by cue words in English and Spanish; and the dates and cabins named in it.

Nothing is refused here: what no cue speaks for is looked up in the documents like any other question, and
search decides.
"""

import re
from datetime import date, timedelta
from typing import Final

_GREETING = re.compile(
    r"((hi|hello|hey|hola)( there| everyone)?,? ?)?(hi|hello|hey|hola|good (morning|afternoon|evening)|"
    r"buen[oa]s( d[ií]as| tardes| noches)?|how are you( doing)?( today)?|c[oó]mo est[aá]s?|qu[eé] tal|"
    r"are you (a |an )?(ro)?bot|are you (a )?(real )?(human|person|machine)|eres (un )?(ro)?bot)"
    r"( there| everyone)?",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"((ok(ay)?|great|perfect|perfecto|vale),? )?(thanks|thank you|thx|cheers|(muchas )?gracias|"
    r"perfect|perfecto|great|got it|entendido)"
    r"( a lot| so much| very much| for (your|the) help| por (su|tu) ayuda)?",
    re.IGNORECASE,
)
_GOODBYE = re.compile(
    r"((ok(ay)?|thanks|thank you|(muchas )?gracias),? ?(and )?)?"
    r"(bye|goodbye|bye bye|see you( later| soon)?|adi[oó]s|hasta luego|chao)",
    re.IGNORECASE,
)
_SMALL_TALK: Final = {"greeting": _GREETING, "thanks": _THANKS, "goodbye": _GOODBYE}

_OWN_BOOKING = re.compile(
    r"\b(my (next |upcoming |return |last )?"
    r"(bookings?|reservations?|trips?|flights?|itinerar(y|ies)|tickets?|seats?)|"
    r"(do|am|have) i (have(?! to)|booked|flying)|mis? (reservas?|vuelos?|viajes?|billetes?|asientos?)|"
    r"tengo (un )?vuelo|(reservas?|vuelos?) tengo)\b",
    re.IGNORECASE,
)
_BOOKING_WORD = re.compile(r"\b(bookings?|reservations?|reservas?)\b", re.IGNORECASE)
_FLIGHT_STATE = re.compile(
    r"\b(status|on time|delay(ed)?|gate|terminal|depart(s|ure|ing)?|arriv(e|es|al|ing)|land(s|ed|ing)?|"
    r"tak(e|es|ing) off|board(s|ing)|cancel+ed|leave[s]?|estado|a tiempo|retras(o|ado|ada)|puerta|sale|"
    r"salida|"
    r"llega(da)?|aterriza|embarque|cancelado)\b",
    re.IGNORECASE,
)
_FLIGHT_WORD = re.compile(r"\b(flights?|vuelos?)\b", re.IGNORECASE)
_RULE_WORD = re.compile(
    r"\b(polic(y|ies)|rules?|allow(ed|ance)?|fees?|costs?|charged?|"
    r"how (much|many|heavy|early|late|do|can|long|old|big|far|wide)|"
    r"refund\w*|compensat\w+|entitle\w*|(can|may|must|should|do|could) (i|we) (?!have)|need to|"
    r"what (if|happens)|(do|will|would) (i|we) (get|receive|pay)|what are (my|our) (options|rights)|"
    r"(gates?|check-?in|bag drop|boarding|desks?) (closes?|opens?|begins?|shuts?)|which group|"
    r"me (dan|dais|devuelven|corresponde|pagan)|qui[eé]n paga|"
    r"if (my|the|a|an|our|i|we)|permitid[oa]s?|cu[aá]nt[oa]s?|reembols\w+|puedo|podemos|debo|derecho|"
    r"compensaci[oó]n|pol[ií]ticas?|condiciones|qué pasa|si (mi|el|un|la|me))\b",
    re.IGNORECASE,
)
_CABINS: Final = {
    "business": re.compile(r"\b(business( class)?|(clase )?ejecutiva)\b", re.IGNORECASE),
    "economy": re.compile(r"\b(economy( class)?|(clase )?turista)\b", re.IGNORECASE),
}


def small_talk_kind(text: str) -> str:
    """Return ``greeting``, ``thanks`` or ``goodbye`` when the message is nothing else; otherwise nothing."""
    bare = re.sub(r"[^\w\s,]", " ", text).strip(" ,")
    bare = re.sub(r"\s+", " ", bare)
    return next((kind for kind, cue in _SMALL_TALK.items() if cue.fullmatch(bare)), "")


def is_about_own_booking(text: str) -> bool:
    """Tell whether the message speaks of the person's own booking, trip or flight."""
    return bool(_OWN_BOOKING.search(text))


def names_a_booking(text: str) -> bool:
    """Tell whether the word booking, or another for it, stands in the message."""
    return bool(_BOOKING_WORD.search(text))


def is_about_flight_state(text: str) -> bool:
    """Tell whether the message asks how or when a flight goes."""
    return bool(_FLIGHT_STATE.search(text))


def names_a_flight(text: str) -> bool:
    """Tell whether the word flight stands in the message."""
    return bool(_FLIGHT_WORD.search(text))


def is_about_rules(text: str) -> bool:
    """Tell whether the message asks for a rule rather than for a fact of one flight."""
    return bool(_RULE_WORD.search(text))


def cabin_in(text: str) -> str:
    """Return ``business`` or ``economy`` when the message names one."""
    return next((cabin for cabin, cue in _CABINS.items() if cue.search(text)), "")


_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr",
            "may mayo", "june jun junio", "july jul julio", "august aug agosto ago",
            "september sep sept septiembre", "october oct octubre", "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday lunes", "tuesday martes", "wednesday miércoles miercoles", "thursday jueves",
         "friday viernes", "saturday sábado sabado", "sunday domingo")
    )
    for name in names.split()
}  # fmt: skip
_RELATIVE: Final = {
    "day after tomorrow": 2, "pasado mañana": 2, "tomorrow": 1, "mañana": 1, "tonight": 0, "today": 0,
    "hoy": 0, "esta noche": 0, "yesterday": -1, "ayer": -1,
}  # fmt: skip
_ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b")
_NUMBERS = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d))?\b")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of| de)? ({_MONTH})\b(?:,? (?:de |of )?(20\d\d))?", re.IGNORECASE
)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (20\d\d))?", re.IGNORECASE)


def date_in(text: str, today: date) -> date | None:
    """Return the day the message names, if it names one that exists.

    A day without a year is the one nearest ahead, up to half a year behind. ``03/04`` is the third of April.
    """
    lowered = text.lower()
    for words, days in _RELATIVE.items():
        if re.search(rf"\b{words}\b", lowered) and not _is_morning(words, lowered):
            return today + timedelta(days=days)
    return _written_date(text, today) or _weekday(lowered, today)


def _is_morning(words: str, lowered: str) -> bool:
    return words == "mañana" and bool(re.search(r"\b(por|de|esta) la mañana\b|\besta mañana\b", lowered))


def _written_date(text: str, today: date) -> date | None:
    if found := _ISO.search(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_MONTH.search(text):
        year, month, day = int(found[3] or 0), _MONTHS[found[2].lower()], int(found[1])
    elif found := _MONTH_DAY.search(text):
        year, month, day = int(found[3] or 0), _MONTHS[found[1].lower()], int(found[2])
    elif found := _NUMBERS.search(text):
        year, month, day = int(found[3] or 0), int(found[2]), int(found[1])
    else:
        return None
    return _dated(year, month, day, today)


def _dated(year: int, month: int, day: int, today: date) -> date | None:
    try:
        if year:
            return date(year, month, day)
        nearest = date(today.year, month, day)
        return nearest.replace(year=today.year + 1) if (today - nearest).days > 183 else nearest
    except ValueError:
        return None


def _weekday(lowered: str, today: date) -> date | None:
    for name, number in _WEEKDAYS.items():
        if re.search(rf"\b{name}s?\b", lowered):
            return today + timedelta(days=(number - today.weekday()) % 7)
    return None
