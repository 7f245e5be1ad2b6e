"""Sentences that say something was done for the person, or is approved: the desk can do neither by itself."""

import re
from typing import Final

_DONE: Final = (
    "refunded|reimbursed|compensated|cancelled|canceled|rebooked|booked|changed|issued|credited|waived|upgraded|"
    "approved|processed|arranged|transferred|reserved|moved|granted|authorised|authorized|confirmed|updated|"
    "applied|removed|extended|paid"
)
_THING: Final = (
    "refund|booking|reservation|ticket|flight|seat|upgrade|voucher|compensation|claim|request|change|"
    "cancellation|fee|payment|reimbursement|credit|exception|waiver"
)
_HECHO: Final = (
    "reembolsad|cancelad|anulad|cambiad|reservad|emitid|aprobad|procesad|abonad|confirmad|tramitad|devuelt|"
    "concedid|autorizad|modificad|aceptad|ingresad|pagad|compensad|eliminad"
)
_COSA: Final = (
    "reembolso|reserva|billete|vuelo|asiento|solicitud|cambio|cancelación|cancelacion|compensación|compensacion|"
    "bono|devolución|devolucion|reclamación|reclamacion|abono|excepción|excepcion|pago"
)
_ADVERB: Final = r"(?:(?:just|already|now|also|successfully|gladly|hereby|been|fully|immediately)\s+)*"
_PROMISE = re.compile(
    rf"(?P<by_us>\b(?:I|we|our\s(?:team|agents?|staff))(?:['’]ve|\s+have|\s+has)?\s+{_ADVERB}(?:{_DONE})\s+"
    r"(?:you|your|the|it|this|that|a|an|all|both|every|everything|each|any|him|her|them|their|\d|€|\$|EUR))"
    rf"|(?P<i_will>\bI(?:['’]ll|\s+will|\s+am\sgoing\sto|['’]m\sgoing\sto)\s+{_ADVERB}"
    r"(?:refund|cancel|rebook|book|change|issue|credit|waive|upgrade|approve|process|arrange|transfer))\b"
    rf"|(?P<is_done>\b(?:your|the|this|a|full)\s+(?:\w+\s+){{0,2}}?(?:{_THING})s?\b[^.!?;:]{{0,60}}?"
    rf"\b(?:has|have|is|was|are|were)\s+{_ADVERB}(?:{_DONE})\b)"
    rf"|(?P<headline>\b(?:refund|reimbursement|compensation|upgrade|waiver)\s+(?:of\s+\S+(?:\s\S+)?\s+)?"
    r"(?:approved|granted|confirmed|authorised|authorized|processed|issued)\b"
    r"|\bapproved\s+(?:a\s+|your\s+|the\s+)?(?:full\s+)?(?:refund|reimbursement|compensation)\b)"
    rf"|(?P<hecho>(?<!\bno\s)\b(?:he|hemos)\s+(?:ya\s+)?(?:{_HECHO})o\b)"
    r"|(?P<voy>\bvoy\sa\s(?:reembolsar|cancelar|anular|cambiar|reservar|emitir|aprobar|procesar|abonar)\w*)"
    rf"|(?P<esta>\b(?:su|tu|el|la|este|esta)\s+(?:{_COSA})\b[^.!?;:]{{0,60}}?"
    rf"\b(?:ha\ssido|ha\squedado|está|esta|fue|queda)\s+(?:ya\s+)?(?:{_HECHO})[oa]\b)"
    rf"|(?P<titular>\b(?:reembolso|compensación|compensacion|devolución|devolucion)\s+"
    rf"(?:de\s+\S+(?:\s\S+)?\s+)?(?:{_HECHO})[oa]\b)",
    re.IGNORECASE,
)
# "If your flight is cancelled", "once the claim is approved": what a rule says, and nobody's promise.
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|once|unless|until|after|before|where|whether|provided|in\scase|as\ssoon\sas|that|which|"
    r"who|only|automatically|always|usually|normally|can|may|must|never|not|how|within|"
    r"si|cuando|una\svez|salvo|hasta|en\scaso|a\smenos|después|antes|siempre|nunca|puede|pueden|cómo|como|que|"
    r"solo|sólo|automáticamente)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
# Words that may begin one: from there on a sentence is held until it is whole.
CUES: Final = frozenset(
    "i i've i’ve i'll i’ll we we've we’ve your he hemos voy su tu".split()
    + _DONE.split("|")
    + [stem + end for stem in _HECHO.split("|") for end in "oa"]
)


def promise_in(sentence: str) -> str:
    """Return the words by which a sentence says that something was done or approved, if any does."""
    if CUES.isdisjoint(_WORD.findall(sentence.lower())):
        return ""
    for found in _PROMISE.finditer(sentence):
        is_rule = found.lastgroup in ("is_done", "esta") and _CONDITION.search(sentence)
        in_rule = found.lastgroup not in ("is_done", "esta", "i_will", "voy") and _CONDITION.search(
            sentence[max(0, found.start() - 40) : found.start()]
        )
        if not (is_rule or in_rule):
            return found[0]
    return ""
