"""The words of facts in the languages of the desk, with dates and times as those languages write them."""

from datetime import date, datetime

from django.utils import translation
from django.utils.dateformat import format as format_date

LANGUAGES = ("en", "es")

_DATE_FORMATS = {"en": "j F Y", "es": r"j \d\e F \d\e Y"}
_WORDS = {
    "en": {
        "flight": "Flight {number} from {origin} to {destination} on {date}",
        "booking": "Booking {reference}",
        "status": "Status: {status}",
        "scheduled": "scheduled",
        "on_time": "on time",
        "delayed": "delayed by {minutes} minutes",
        "delayed_unknown": "delayed",
        "cancelled": "cancelled",
        "boarding": "boarding",
        "departed": "departed",
        "landed": "landed",
        "late": "{status}, {minutes} minutes late",
        "departure": "Scheduled departure: {time} local time in {city}",
        "arrival": "Scheduled arrival: {time} local time in {city}",
        "new_departure": "New departure: {time} local time in {city}",
        "new_arrival": "New arrival: {time} local time in {city}",
        "departed_at": "Departed: {time} local time in {city}",
        "landed_at": "Landed: {time} local time in {city}",
        "time_on": "{time} on {date}",
        "terminal": "Terminal: {value}",
        "gate": "Gate: {value}",
        "aircraft": "Aircraft: {value}",
        "seats": "Free seats: {value}",
        "prices": "Price from: {value}",
        "booking_status": "Booking status: {status}",
        "confirmed": "confirmed",
        "booking_cancelled": "cancelled",
        "cabin": "Cabin: {value}",
        "fare": "Fare: {value}",
        "passengers": "Passengers: {value}",
        "checked_bags": "Checked bags: {value}",
        "insurance": "Travel insurance: {value}",
        "yes": "yes",
        "no": "no",
        "economy": "economy",
        "basic_economy": "basic economy",
        "business": "business",
    },
    "es": {
        "flight": "Vuelo {number} de {origin} a {destination} el {date}",
        "booking": "Reserva {reference}",
        "status": "Estado: {status}",
        "scheduled": "programado",
        "on_time": "a tiempo",
        "delayed": "con {minutes} minutos de retraso",
        "delayed_unknown": "con retraso",
        "cancelled": "cancelado",
        "boarding": "embarcando",
        "departed": "ha salido",
        "landed": "ha aterrizado",
        "late": "{status}, con {minutes} minutos de retraso",
        "departure": "Salida prevista: {time}, hora local de {city}",
        "arrival": "Llegada prevista: {time}, hora local de {city}",
        "new_departure": "Nueva salida: {time}, hora local de {city}",
        "new_arrival": "Nueva llegada: {time}, hora local de {city}",
        "departed_at": "Salió: {time}, hora local de {city}",
        "landed_at": "Aterrizó: {time}, hora local de {city}",
        "time_on": "{time} del {date}",
        "terminal": "Terminal: {value}",
        "gate": "Puerta: {value}",
        "aircraft": "Avión: {value}",
        "seats": "Asientos libres: {value}",
        "prices": "Precio desde: {value}",
        "booking_status": "Estado de la reserva: {status}",
        "confirmed": "confirmada",
        "booking_cancelled": "cancelada",
        "cabin": "Cabina: {value}",
        "fare": "Tarifa: {value}",
        "passengers": "Pasajeros: {value}",
        "checked_bags": "Maletas facturadas: {value}",
        "insurance": "Seguro de viaje: {value}",
        "yes": "sí",
        "no": "no",
        "economy": "turista",
        "basic_economy": "turista básica",
        "business": "business",
    },
}


class Wording:
    """The words of one language; a language the desk does not speak gets English."""

    def __init__(self, language: str) -> None:
        base = language.lower()[:2]
        self.language = base if base in LANGUAGES else "en"

    def say(self, key: str, **values: object) -> str:
        """Return the words for ``key`` with ``values`` filled in."""
        return _WORDS[self.language][key].format(**values)

    def name(self, value: str) -> str:
        """Return a cabin's name in the language, or the value itself where there is none."""
        return _WORDS[self.language].get(value, value)

    def date(self, value: date) -> str:
        """Return a date in full: ``21 November 2026``, ``21 de noviembre de 2026``."""
        with translation.override(self.language):
            return format_date(value, _DATE_FORMATS[self.language])

    def time(self, moment: datetime, usual_date: date) -> str:
        """Return a local time, with its date when that is not ``usual_date``."""
        clock = f"{moment:%H:%M}"
        if moment.date() == usual_date:
            return clock
        return self.say("time_on", time=clock, date=self.date(moment.date()))
