"""What the company knows: policy documents, the search over them, and operational records.

``documents`` brings texts in and publishes them, ``search`` finds passages for a question, ``records`` looks
up flights and bookings for one person. Nothing here knows of conversations.
"""
