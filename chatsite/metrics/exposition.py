"""Figures of several processes as one text in Prometheus' format."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, Metric, disable_created_metrics
from prometheus_client import generate_latest as text_of

from chatsite.metrics.state import of_this_process

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
disable_created_metrics()  # a second series for every first, which nothing reads


class _Families:
    """A registry of what is there already."""

    def __init__(self, families: Iterable[Metric]):
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._families


async def own() -> list[Metric]:
    """Return all of this process: its state now, read on its event loop, and what it has counted."""
    state = list(of_this_process())
    return [*state, *await asyncio.to_thread(lambda: list(REGISTRY.collect()))]


def packed(families: Iterable[Metric]) -> bytes:
    """Return figures as they go from one process to another."""
    rows = [
        [each.name, each.documentation, each.type, [[s.name, s.labels, s.value] for s in each.samples]]
        for each in families
    ]
    return json.dumps(rows).encode()


def unpacked(sent: bytes) -> list[Metric]:
    """Return what another process has packed.

    Raises:
        ValueError: it is cut off.
    """
    families = []
    for name, words, kind, samples in json.loads(sent):
        family = Metric(name, words, kind)
        for sample, labels, value in samples:
            family.add_sample(sample, labels, value)
        families.append(family)
    return families


def together(by_process: Mapping[str, Iterable[Metric]], common: Iterable[Metric] = ()) -> bytes:
    """Return one text: every family once, its samples told apart by the label ``process``.

    Args:
        by_process: each process's figures by its name.
        common: figures of the whole desk, which no process owns.
    """
    merged: dict[str, Metric] = {}
    for process, families in by_process.items():
        for family in families:
            known = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                labels: dict[str, Any] = {**sample.labels, "process": process}
                known.add_sample(sample.name, labels, sample.value)
    return text_of(_Families([*merged.values(), *common]))
