"""``/metrics`` for Prometheus.

Each process counts in its own memory (``prometheus_client``), which costs a turn some dozen microseconds.
Processes that share a ``VAR_DIR`` form a group (``group``): whichever of them is asked gathers the figures of
all, told apart by the label ``process``, whose values are places ("web-0") that the next process takes over,
so that there are never more of them than processes. A worker elsewhere serves its own port (``worker``).

``exposition`` puts the figures together, ``state`` reads what a process holds at that moment, ``common`` what
only the database and Redis know; ``door`` tells who may read, ``requests`` counts HTTP.
"""
