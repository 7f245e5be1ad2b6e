"""Whether a sentence speaks to a model, not to a reader: it gives orders about the answer or the rules."""

import re
import unicodedata
from typing import Final

_ANSWER: Final = (
    r"(?:(?:the|your|every|each|any|all|this|its|final|next|su|sus|tu|tus|la|las|el|los|cada|todas?|todos?|deine|"
    r"der|die|jede|ta|votre|vos|sua|as|cada|ogni)\s(?:\w+\s){0,2}?"
    r"(?:answers?|repl(?:y|ies)|responses?|outputs?|completions?|antwort(?:en)?|r[ée]ponses?|respostas?|rispost[ae]|respuestas?|contestaci[oó]n(?:es)?"
    r"|salidas?)|(?:every|each|all|cada)\s(?:messages?|mensajes?))"
)
_RULES: Final = (
    r"(?:instructions?|rules?|prompts?|guidelines?|guardrails?|polic(?:y|ies)|directives?|restrictions?|"
    r"anweisung(?:en)?|regeln|vorgaben|consignes?|r[èe]gles?|instru[cç][õo]es|regras?|istruzioni|regole|"
    r"instrucci[oó]n(?:es)?|reglas?|normas?|directrices|indicaciones|restricciones|[oó]rdenes|"
    r"everything\s(?:above|before|you|said|else)|all\s(?:of\s)?(?:the\s)?(?:above|previous|prior|earlier)|"
    r"(?:the|what\s\w+)\s(?:above|previous|earlier)|todo\slo\s(?:anterior|dicho)|lo\santerior|your\straining)"
)
_FORGET: Final = (
    r"(?:ignor\w+|disregard\w*|forget|overrid\w+|overrul\w+|bypass\w*|supersed\w+|neglect|discard|set\saside|"
    r"do\snot\s(?:follow|obey)|stop\sfollowing|olvid\w+|omit\w+|desobede\w+|anul\w+|descart\w+|"
    r"ignor(?:iere|ieren|ez)|vergiss|vergesst|missachte|oublie[zr]?|n[ée]glige[zr]?|esque[çc]a|desconsidere|"
    r"dimentica|trascura|no\s(?:sigas|siga|hagas\scaso|haga\scaso)|haz\scaso\somiso|haga\scaso\somiso)"
)
_SAY: Final = (
    r"(?:reply|respond|answer|say|write|print|output|repeat|echo|finish|end|begin|start|close|conclude|append|"
    r"include|insert|add|paste|put|mention|state|quote|type|return|emit|produce|render|display|embed|attach|sign|"
    r"mark|contain|present|translate|spell|encode|show|use|"
    r"antworte[nt]?|schreibe?n?|sage|gib|nenne|f[üu]ge|beende|wiederhole|zeige|r[ée]pond(?:s|ez|re)|[ée]cri(?:s|vez)|"
    r"dis|dites|ajoute[zr]?|termine[zr]|r[ée]p[èe]te[zr]?|affiche[zr]?|escreva|inclua|adicione|repita|mostre|"
    r"rispond[ie]|rispondere|scriv[ie]|aggiungi|ripeti|"
    r"responder|contestar|decir|escribir|imprimir|repetir|terminar|acabar|empezar|comenzar|a[nñ]adir|incluir|"
    r"insertar|agregar|pegar|poner|mencionar|mostrar|devolver|finalizar|saludar|firmar|saluda|firma|"
    r"responda|responde|conteste|contesta|diga|di|escriba|escribe|imprima|imprime|repita|repite|termine|termina|"
    r"acabe|acaba|empiece|empieza|comience|comienza|concluya|concluye|a[nñ]ada|a[nñ]ade|incluya|incluye|inserte|"
    r"inserta|agregue|agrega|pegue|pega|ponga|pon|mencione|menciona|muestre|muestra|devuelva|devuelve|finalice|finaliza)"
)
_MODEL: Final = (
    r"(?:assistants?|a\.?i\.?(?:\s(?:model|system|agent|assistant)s?)?|language\smodels?|llms?|chat\s?bots?|"
    r"bots?|gpt\w*|copilot|virtual\sagents?|automated\s(?:agent|system|assistant)s?|asistentes?(?:\svirtual(?:es)?)?|"
    r"inteligencia\sartificial|modelos?\sde\slenguaje|ia)"
)
_CODE: Final = r"(?-i:\b(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)(?:[A-Z0-9]{6,}|[A-Z0-9][A-Z0-9-]{8,})\b)"
_LEAD: Final = (
    r"(?:^|[:;,.!?–—(\"'“-]\s*|\b(?:and|then|please|always|must|should|shall|now|to|instead|also|first|only|y|luego|"
    r"despu[eé]s|siempre|debe|debes|deben|por\sfavor|ahora|solo|s[oó]lo|tambi[eé]n|"
    r"important|importante|note|nota)\s)"
)
_PATTERNS: Final = (
    # Forget what you were told.
    rf"\b{_FORGET}\b.{{0,60}}?\b{_RULES}\b",
    rf"\b(?:earlier|previous|prior|above|original|anteriores|previas|original(?:es)?)\s{_RULES}\b.{{0,60}}\b"
    r"(?:void|cancell?ed|obsolete|replaced|superseded|no\slonger|invalid\w*|expired|anuladas?|ya\sno)\b",
    # What the answer must hold.
    rf"{_LEAD}{_SAY}\b.{{0,80}}\b{_ANSWER}\b",
    rf"\b{_ANSWER}\b.{{0,80}}\b(?:must|should|shall|has\sto|have\sto|needs?\sto|will|ought\sto|debe\w*|tiene\w*\sque|"
    rf"ha\sde|muss|müssen|doit|doivent|deve|devem)\s(?:\w+\s){{0,2}}?{_SAY}\w*\b",
    rf"{_LEAD}{_SAY}\b\s+(?:only|exactly|just|verbatim|nothing\s(?:but|else)|solo|s[oó]lo|solamente|[uú]nicamente|nur|ausschlie[ßs]+lich|uniquement|seulement|"
    r"apenas|somente|s[óo]|solo|soltanto|"
    r"exactamente|literalmente|nada\sm[aá]s)\b",
    rf"{_LEAD}{_SAY}\b.{{0,60}}\b(?:the|this|following|exact|la|el|esta|este|siguiente)\s(?:\w+\s){{0,2}}?"
    r"(?:words?|phrases?|sentence|token|string|keyword|marker|text|code\s?word|pass\s?word|secret|"
    r"palabras?|frase|cadena|clave|contrase[nñ]a|marca|texto)\b\s*[:\"'“«]?\s*(?:[\"'“«]|(?-i:[A-Z0-9]))",
    rf"{_LEAD}{_SAY}\b.{{0,80}}{_CODE}",
    rf"\b(?:answer|reply|respond|finish|end|begin|start|respond\w*|contest\w+|termin\w+|acab\w+)\s(?:\w+\s){{0,3}}?"
    rf"(?:with|by|con)\b.{{0,40}}{_CODE}",
    # Who is spoken to.
    rf"\b(?:attention|note\sto|notice\s(?:to|for)|message\s(?:to|for)|instructions?\s(?:to|for)|dear|hey|hello|"
    rf"atenci[oó]n|nota\spara|mensaje\spara|aviso\s(?:a|para)|instrucci[oó]n(?:es)?\spara|estimad[oa])\b.{{0,25}}\b{_MODEL}\b",
    rf"^[\W_]*{_MODEL}\b\s*[,:]",
    rf"\b(?:if|as|when|si|cuando|como)\s(?:you\sare|you['’]re|you|eres|es\susted|usted\ses)?\s*(?:an?\s|una?\s)?{_MODEL}\b",
    rf"\b{_MODEL}\b.{{0,40}}\b(?:must|should|shall|has\sto|have\sto|is\srequired|are\srequired|needs?\sto|debe\w*|"
    rf"tiene\w*\sque)\b.{{0,60}}\b{_SAY}\w*\b",
    rf"{_LEAD}(?:you\sare\snow|act\sas|pretend)\b|\b(?:from\snow\son,?\s(?:you|your)|role-?\s?play|developer\smode|jail\s?break|"
    r"do\sanything\snow|unrestricted|(?-i:DAN)\b|ahora\seres|a\spartir\sde\sahora|act[uú]a\scomo|finge|"
    r"haz\scomo\ssi|hazte\spasar|modo\s(?:desarrollador|dios)|sin\srestricciones)\b",
    r"\b(?:new|updated|real|actual|hidden|nuevas?|verdaderas?)\s(?:system\s)?(?:instructions?|prompts?|task|objective|"
    r"instrucci[oó]n(?:es)?|tarea)\b.{0,5}[:.\"]",
    # Secrets and tools.
    r"\b(?:system|hidden|initial|secret|original|developer|del\ssistema|oculto)\s(?:prompts?|instructions?|messages?)\b",
    r"\b(?:prompt|instrucciones|mensaje)\s(?:del?\s)?(?:sistema|ocult[oa]s?)\b",
    r"\b(?:reveal|disclose|leak|expose|print|show|repeat|dump|revel[ae]|divulg\w+|muestr[ae]|filtr[ae])\b.{0,40}\b"
    r"(?:prompt|instructions?|rules|canary|secrets?|system\s\w+|api\skeys?|credentials?|instrucciones|secretos?|"
    r"other\s(?:customers?|passengers?|users?)|otros\s(?:clientes|pasajeros|usuarios))\b",
    rf"{_LEAD}(?:call|invoke|run|execute|trigger|query|llam[ae]|invo(?:ca|que)|ejecut[ae])\s"
    r".{0,40}?\b(?:tools?|functions?|"
    r"apis?|commands?|endpoint|plug-?ins?|sql|herramientas?|funci[oó]n(?:es)?|comandos?)\b",
    r"\b[a-z]+_[a-z_]+\s?\(|\{\s*[\"'][a-z_]+[\"']\s*:|</?(?:tool|function)",
    r"\b(?:user_?id|customer_?id|account_?id|booking_?id)\b",
    rf"{_LEAD}(?:decode|decrypt|unscramble|decodifi\w+|descifr\w+)\b|\b(?:rot13|base\s?64|hexadecimal)\b",
    # What is to be promised, and to whom.
    r"\b(?:tell|inform|assure|promise|convince|notify|advise|instruct|ask|let)\s(?:\w+\s){0,2}?"
    r"(?:the|this|every|any|each|all)\s(?:\w+\s)?(?:users?|customers?|passengers?|readers?|callers?|clients?|person)\s"
    r"(?:that|their|they|know|his|her|to|about|[\"“'])",
    r"\b(?:dile|d[ií]gale|informa|informe|asegura|asegure|promete|prometa|comunica|comunique|confirma|confirme|indica|"
    r"indique|p[ií]dele|p[ií]dale)\s(?:\w+\s){0,2}?(?:al?|a\slos|a\slas|a\scada|a\stodo)\s?(?:\w+\s)?"
    r"(?:usuari|client|pasajer|viajer|lector)\w*\b",
    # Sending things away.
    r"\b(?:image|picture|pixel|markdown|imagen)\b.{0,60}\bhttps?://",
    rf"{_LEAD}{_SAY}\b.{{0,80}}(?:https?://|www\.|!\[|\]\()",
    rf"https?://[^\s)]*{_CODE}",
    r"https?://[^\s)]*[?&][\w-]+=(?:<|\{|\[|<|%7B|\$|data|secret|booking|history|chat|conversation|prompt|reserva)",
)
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
# No sentence without one of these can match: most of a policy is passed by this alone.
_CUES = re.compile(
    r"ignor|disregard|forget|overrid|overrul|bypass|supersed|neglect|discard|set\saside|obey|follow|olvid|omit|desobed|"
    r"anul|descart|siga|caso|instruc|rule|prompt|answer|repl|respon|output|complet|messag|summar|contest|salida|mensaj|"
    r"anweis|regel|vorgab|consign|r[èe]gle|regra|regole|antwort|réponds|répond|oubli|vergiss|esque|uniquement|"
    r"apenas|incluir|only|exactly|just|verbatim|nothing|solo|sólo|solamente|nicamente|exactamente|literalmente|word|phrase|sentence|"
    r"token|string|marker|text|secret|palabra|frase|cadena|clave|contrase|marca|texto|assistant|asistente|\ba\.?i\b|"
    r"model|llm|bot\b|bots\b|gpt|copilot|agent|artificial|\bia\b|system|sistema|pretend|act\sas|role|jail|\bnow\b|DAN\b|"
    r"ahora|actúa|actua|finge|haz|hidden|reveal|tool|function|api|command|herramienta|funci|comando|_|\{|decod|decrypt|"
    r"base|rot13|hexa|tell|inform|assure|promis|notify|advis|convinc|\blet\b|\bask\b|dile|dígale|digale|asegur|promet|"
    r"comuni|confirm|indic|pide|pida|https?:|www\.|!\[|\]\(|[A-Z]+\d+[A-Z0-9]{3}|\d+[A-Z]{2}|[A-Z]{4,}\d",
    re.IGNORECASE,
)
_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХ", "aeopcyxijsdhlABEZHIKMNOPTYXABEKMHOPCTX"
)
_SPACED = re.compile(r"\b(?:\w[ .\-_*]){5,}\w\b")


def addresses_a_model(sentence: str) -> bool:
    """Tell whether a sentence gives orders to a model.

    Rules for passengers are imperatives too ("Show your passport"): what counts is that it speaks of answers,
    rules, roles, tools or codes to be written.
    """
    plain = unicodedata.normalize("NFKC", sentence).translate(_LOOKALIKES)
    plain = _SPACED.sub(lambda found: re.sub(r"[ .\-_*]", "", found[0]), plain)
    plain = " ".join(plain.replace("*", "").replace("`", "").split())
    return bool(_CUES.search(plain)) and bool(_ANY.search(plain))
