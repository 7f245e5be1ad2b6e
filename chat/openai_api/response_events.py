"""The events of a streamed response, numbered in order."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import count
from typing import Any

from chat.openai_api.answers import Answer
from chat.openai_api.errors import Refused
from chat.openai_api.following import STILL_HERE, pieces
from chat.openai_api.response_shape import ResponseShape, annotations, output_text

_WHERE = {"output_index": 0, "content_index": 0}


class ResponseEvents:
    """One streamed response, told from its beginning."""

    def __init__(self, shape: ResponseShape):
        """``shape`` tells what a response looks like at each step."""
        self._shape = shape
        self._numbers = count()

    async def stream(self) -> AsyncIterator[tuple[str, bool]]:
        """Yield the events, each with whether the whole answer has been given with it."""
        for line in self._opening():
            yield line, False
        try:
            async with aclosing(pieces(self._shape.turn)) as coming:
                async for piece in coming:
                    if piece is None:
                        yield STILL_HERE, False
                    elif isinstance(piece, str):
                        yield self._in_text("response.output_text.delta", delta=piece, logprobs=[]), False
                    else:
                        for line in self._ending(piece):
                            yield line, True
        except Refused as error:
            line = self._event("response.failed", response=self._shape.failed(error))
            yield line, error.code != "answer_restarted"

    def _opening(self) -> list[str]:
        begun, item = self._shape.in_progress(), self._shape.message("in_progress", [])
        return [
            self._event("response.created", response=begun),
            self._event("response.in_progress", response=begun),
            self._event("response.output_item.added", output_index=0, item=item),
            self._in_text("response.content_part.added", part=output_text("", [])),
        ]

    def _ending(self, answer: Answer) -> list[str]:
        final = self._shape.finished(answer)
        item = final["output"][0]
        cited = [
            self._in_text("response.output_text.annotation.added", annotation_index=index, annotation=one)
            for index, one in enumerate(annotations(answer))
        ]
        return [
            *cited,
            self._in_text("response.output_text.done", text=answer.text, logprobs=[]),
            self._in_text("response.content_part.done", part=item["content"][0]),
            self._event("response.output_item.done", output_index=0, item=item),
            self._event(f"response.{final['status']}", response=final),
        ]

    def _in_text(self, kind: str, **more: Any) -> str:
        return self._event(kind, item_id=self._shape.item_id, **_WHERE, **more)

    def _event(self, kind: str, **more: Any) -> str:
        body = {"type": kind, "sequence_number": next(self._numbers), **more}
        return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
