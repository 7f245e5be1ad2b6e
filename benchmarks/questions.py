"""What the load client asks: questions that the sample policies answer, each with a mark of its own.

The fake provider repeats the mark in every word, so an answer shows whose it is. A mark is eight characters
long: six could be read as a booking reference, and letters with up to four digits as a flight number.
"""

from benchmarks.fake_provider import answer_text

QUESTIONS = (
    "How many checked bags are included in a Standard fare and how heavy may each be?",
    "What is the maximum size of a cabin bag on a short-haul flight?",
    "What does an overweight checked bag cost at the airport?",
    "May I check in a surfboard or a bicycle as sports equipment?",
    "What must I do when my checked baggage is delayed or damaged?",
    "Which fare types allow changes to a booking without a fee?",
    "Can I get a refund when I cancel a Flex fare before departure?",
    "How does free cancellation within 24 hours of booking work?",
    "What happens to my return flight if I am a no-show on the outbound flight?",
    "How can I correct a spelling mistake in the name on my ticket?",
    "What compensation is due when a flight is delayed by more than three hours?",
    "What can I choose when Larkwing cancels a flight, refund or rerouting?",
    "What happens in denied boarding when a flight is overbooked?",
    "Who pays for the hotel after a missed connection on one booking?",
    "How long before departure does check-in at the airport close?",
    "When does online check-in open and how can I choose a seat?",
    "How do I ask for wheelchair assistance at the airport?",
    "May I fly during pregnancy and do I need a medical certificate?",
    "Can a baby travel on a lap and what fare is charged for an infant?",
    "From which age may an unaccompanied minor travel, and what does the service cost?",
    "May my dog travel in the cabin and how heavy may the pet carrier be?",
    "What are the rules for assistance dogs in the cabin?",
    "Which dangerous goods are forbidden in checked baggage?",
    "How many power banks and spare lithium batteries may I carry?",
    "Which travel documents and visas are needed for a long-haul flight?",
    "How do Larkwing Feather members earn points and reach the Coral level?",
    "How does an upgrade to business class with points work?",
    "What are the conditions for group bookings of ten people or more?",
    "How can I get an invoice for my payment, or pay with a voucher?",
    "How do I make a complaint and when will it be answered?",
)


def mark_of(number: int) -> str:
    """Return the mark of question ``number`` of a run."""
    return f"b{number:07d}"


def question_with(mark: str) -> str:
    """Return the question that carries ``mark``, always the same one for the same mark."""
    return f"{QUESTIONS[int(mark[1:]) % len(QUESTIONS)]} #{mark}"


def expected_answer(mark: str, tokens: int, *, footnotes: bool) -> str:
    """Return what must be shown for a marked question.

    Args:
        mark: of the question.
        tokens: words of the answer.
        footnotes: whether the provider's source marks come out as the product's footnotes.
    """
    text = answer_text(mark, tokens, citations=True)
    return text.replace("[1]", "[^1]") if footnotes else text
