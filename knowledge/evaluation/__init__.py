"""How well search does, in figures.

``questions`` reads files of questions with marked answers, ``loading`` and ``scratch`` make a library of
their own for them that leaves nothing behind, ``asking`` asks, ``judging`` says where the right passage came,
``figures`` reckons and ``report`` prints. ``manage.py evaluate_search`` is the way in; docs/evaluation.md
describes it.
"""
