"""Fixed sentences of the desk, by language. They are reviewed texts: nothing in them comes from a model."""

from datetime import datetime
from typing import Final

from django.utils import dateformat, translation

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "greeting": {
        "en": "Hello! I am the automated assistant of {company}. I can answer questions about our policies, "
        "tell you how a flight is doing, and look at your own bookings. What would you like to know?",
        "es": "¡Hola! Soy el asistente automático de {company}. Puedo responder preguntas sobre nuestras "
        "condiciones, decirle cómo va un vuelo y consultar sus propias reservas. ¿En qué puedo ayudarle?",
    },
    "thanks": {
        "en": "You are welcome. If anything else comes up, just ask.",
        "es": "De nada. Si necesita algo más, pregunte sin problema.",
    },
    "goodbye": {
        "en": "Goodbye, and have a good journey.",
        "es": "Adiós, y buen viaje.",
    },
    "hand_off": {
        "en": "I have put this conversation on the list of those that wait for a person of our staff, "
        "who can read everything here. I cannot promise when they get to it. Meanwhile you can add what "
        "they should know, such as a booking reference, or ask me something else.",
        "es": "He puesto esta conversación en la lista de las que esperan a una persona de nuestro "
        "equipo, que puede leer todo lo escrito aquí. No puedo prometer cuándo la atenderá. Mientras "
        "tanto puede añadir lo que deba saber, como una referencia de reserva, o preguntarme otra cosa.",
    },
    "offer_person": {
        "en": "I am an automated assistant. If you would rather have a person of our staff look at this, "
        "choose “Please have a person look at this” and I will put it on their list.",
        "es": "Soy un asistente automático. Si prefiere que lo vea una persona de nuestro equipo, elija "
        "«Quiero que lo vea una persona» y lo pondré en su lista.",
    },
    "want_person": {
        "en": "Please have a person look at this",
        "es": "Quiero que lo vea una persona",
    },
    "staff_hours": {
        "en": "Our staff are there: {hours}.",
        "es": "Nuestro equipo atiende: {hours}.",
    },
    "feel_worry": {
        "en": "I understand that this is worrying. Let us take it one step at a time.",
        "es": "Entiendo que esto le preocupe. Vamos paso a paso.",
    },
    "feel_frustration": {
        "en": "I understand that this is frustrating, and I am sorry for the trouble.",
        "es": "Entiendo que esto es frustrante, y lamento las molestias.",
    },
    "feel_frustration_again": {
        "en": "I am sorry that this is still not settled for you.",
        "es": "Lamento que esto siga sin resolverse para usted.",
    },
    "feel_anger": {
        "en": "I understand that you are upset, and I am sorry for the trouble.",
        "es": "Entiendo su enfado y lamento las molestias.",
    },
    "feel_anger_again": {
        "en": "I am sorry that you still have reason to be upset.",
        "es": "Lamento que siga teniendo motivos para estar así.",
    },
    "not_found": {
        "en": "I do not have that in our policies or records, so I would rather not guess.",
        "es": "No encuentro eso en nuestras condiciones ni en nuestros registros, así que prefiero no "
        "adivinar.",
    },
    "closest": {
        "en": "The closest I have:",
        "es": "Lo más parecido que tengo:",
    },
    "flight_not_found": {
        "en": "I cannot find flight {flight} in our records for that date. Please check the number and the "
        "date.",
        "es": "No encuentro el vuelo {flight} en nuestros registros para esa fecha. Compruebe el número y la "
        "fecha, por favor.",
    },
    "booking_not_found": {
        "en": "I cannot find that booking under your account. Bookings can only be seen by the person who is "
        "signed in as their owner.",
        "es": "No encuentro esa reserva en su cuenta. Una reserva solo puede verla la persona titular con su "
        "sesión iniciada.",
    },
    "no_bookings": {
        "en": "There are no bookings under your account.",
        "es": "No hay reservas en su cuenta.",
    },
    "library_empty": {
        "en": "There are no published policy documents yet, so I cannot answer questions about them.",
        "es": "Todavía no hay documentos publicados, así que no puedo responder preguntas sobre condiciones.",
    },
    "ended_length": {
        "en": "(The answer had to end here because of its length. Ask for the part that is missing.)",
        "es": "(La respuesta tuvo que terminar aquí por su longitud. Pregunte por la parte que falta.)",
    },
    "ended_filtered": {
        "en": "(The rest of this answer was held back by the language model's filter.)",
        "es": "(El resto de esta respuesta fue retenido por el filtro del modelo de lenguaje.)",
    },
    "notice_unsure": {
        "en": "I am not sure that the sources fit your question. Please check them.",
        "es": "No estoy seguro de que las fuentes respondan a su pregunta. Compruébelas, por favor.",
    },
    "notice_cheaper": {
        "en": "You have used most of what your plan allows for now, so a simpler model wrote this answer. "
        "Your allowance begins anew on {until}.",
        "es": "Ha usado casi todo lo que permite su plan por ahora, así que esta respuesta la ha escrito un "
        "modelo más sencillo. Su cupo se renueva el {until}.",
    },
    "notice_quotes": {
        "en": "You have used what your plan allows for now, so this answer is quoted from our texts. "
        "Your allowance begins anew on {until}.",
        "es": "Ha usado todo lo que permite su plan por ahora, así que esta respuesta cita nuestros textos. "
        "Su cupo se renueva el {until}.",
    },
    "allowance_spent": {
        "en": "You have used what your plan allows for now. You can ask again on {until}.",
        "es": "Ha usado todo lo que permite su plan por ahora. Puede volver a preguntar el {until}.",
    },
    "notice_withheld": {
        "en": "A part of this answer was left out, because nothing in the sources bears it out.",
        "es": "Se ha omitido una parte de esta respuesta, porque nada en las fuentes la respalda.",
    },
    "notice_corrected": {
        "en": "I corrected what looked mistyped: {words}.",
        "es": "He corregido lo que parecía un error al escribir: {words}.",
    },
    "notice_delayed": {
        "en": "{title}: delayed by {minutes} minutes; new departure {departure}.",
        "es": "{title}: retraso de {minutes} minutos; nueva salida {departure}.",
    },
    "notice_cancelled": {
        "en": "{title}: this flight is cancelled.",
        "es": "{title}: este vuelo está cancelado.",
    },
    "notice_fee": {
        "en": "A charge may apply: {amounts}.",
        "es": "Puede aplicarse un cargo: {amounts}.",
    },
    "notice_deadline": {
        "en": "There is a time limit: {limit}.",
        "es": "Hay un plazo: {limit}.",
    },
}


_INSTANTS: Final = {"en": "j F \\a\\t H:i", "es": r"j \d\e F \a \l\a\s H:i"}


def instant(at: datetime, language: str) -> str:
    """Return an instant in words, in the time zone that it is given in."""
    language = language if language in _INSTANTS else "en"
    with translation.override(language):
        return dateformat.format(at, _INSTANTS[language])


def sentence(key: str, language: str, **values: object) -> str:
    """Return a fixed sentence in ``language``, in English where there is no other.

    Raises:
        KeyError: there is no such sentence.
    """
    by_language = SENTENCES[key]
    return by_language.get(language, by_language["en"]).format(**values)
