"""The turn: one question to one answer.

``runner`` claims a turn and takes it through the stages, each a file of its own with one function over a
``TurnContext``:

1. ``screen``        make the person's text plain.
2. ``recall``        the conversation so far, from the cache or the database.
   ``crisis``        whether somebody may be in danger: cues here, a model beside the next stages.
3. ``understand``    language, intent and slots, without a model.
4. ``ground``        the passages and records that an answer may be made from.
5. ``answer_cache``  an answer already written from exactly these grounds.
6. ``prompt``        the hard rules, the sources, the question.
7. ``generate``      the answer as a stream, from the first provider in the chain that can.
8. ``cite``          markers become footnotes, lists get one form; on the stream.
9. ``review``        what must not be shown is taken out; on the stream.
10. ``present``      heads-up notices and quick replies.
11. ``settle``       the outcome in one transaction, only while the attempt is the one that counts.

Stages know the context and the services below them, never each other. Every step appends events to the turn's
log; nothing here knows who watches.
"""
