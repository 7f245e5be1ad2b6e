"""``make bench``: what a streamed answer costs, embedded and scaled, beside a bare relay.

Starts every system itself, over a fake provider, measures, ends all of it, and prints the tables that
docs/benchmarks.md explains.
"""

import argparse
import platform
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import psutil
import uvloop

from benchmarks import options, report
from benchmarks.idle import Idle, measure_idle
from benchmarks.load_client import Load, Visitor
from benchmarks.measure import Result, measure
from benchmarks.processes import Process, ProcessFailed
from benchmarks.provider import ProviderControl, provider_process
from benchmarks.systems import SYSTEMS, System
from tests.services import ServiceMissingError


@dataclass
class Bench:
    """One benchmark under way: what is asked for, and what was measured so far."""

    wanted: argparse.Namespace
    provider: Process
    results: list[Result] = field(default_factory=list)
    idles: list[Idle] = field(default_factory=list)
    _questions: int = 0

    def round(self) -> None:
        """Measure every system once, the bare relay before and after the others: the machine may change."""
        products = [name for name in self.wanted.systems if name != "bare"]
        around = ["bare"] if "bare" in self.wanted.systems else []
        for name in [*around, *products, *(around if products else [])]:
            self._measure_system(name)

    def _measure_system(self, name: str) -> None:
        say(f"{name}: starting")
        with SYSTEMS[name](self.provider.told, deflate=not self.wanted.no_deflate) as system:
            loads = options.loads(self.wanted)
            if name == "bare":
                loads = {"answers": loads["answers"]} if "answers" in loads else {}
            idle = self.wanted.idle if "idle" in self.wanted.runs and name != "bare" else 0
            needed = options.WARM_UP.answers + idle + options.PRIMING.answers
            visitors = iter(system.visitors(needed + sum(load.answers for load in loads.values())))
            self._run(system, "warm-up", options.WARM_UP, visitors)
            if idle:
                say(f"{name}: {idle} idle sockets")
                self.idles.append(uvloop.run(measure_idle(system, list(islice(visitors, idle)))))
            for run, load in loads.items():
                self._run_and_keep(system, run, load, visitors)

    def _run_and_keep(self, system: System, run: str, load: Load, visitors: Iterator[Visitor]) -> None:
        say(f"{system.name}: {run}, {load.answers} answers")
        if load.same_question:
            priming = self._run(system, "priming", options.PRIMING, visitors)
            load = replace(load, first_mark=int(priming.asked[0].mark[1:]))
        self.results.append(self._run(system, run, load, visitors))

    def _run(self, system: System, run: str, load: Load, visitors: Iterator[Visitor]) -> Result:
        """Make one run with questions nobody asked before, unless the load names its own."""
        if not load.first_mark:
            load = replace(load, first_mark=self._questions + 1)
            self._questions += load.answers
        control = ProviderControl(self.provider.told)
        chosen = list(islice(visitors, load.answers))
        result = uvloop.run(
            measure(system, run, load, chosen, provider=control, provider_pid=self.provider.pid)
        )
        if run in ("warm-up", "priming") and result.errors:
            raise ProcessFailed(f"{system.name}: {run} went wrong: {dict(result.errors)}")
        return result

    def print_tables(self) -> None:
        """Print what was measured."""
        print(f"\n{machine()}\n\n{report.results_table(self.results)}")
        if wrong := report.errors_table(self.results):
            print(f"\n{wrong}")
        if self.idles:
            print(f"\n{report.idle_table(self.idles)}")
        print(f"\n{report.budgets_table(self.results, self.idles)}")


def machine() -> str:
    """Return a line about the machine."""
    memory = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    return f"{psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {python}"


def say(what: str) -> None:
    """Tell how far it is, apart from the tables."""
    print(f"  [{time.strftime('%H:%M:%S')}] {what}", file=sys.stderr, flush=True)


def main() -> int:
    """Run what the command line asks for; return 1 when an answer was wrong."""
    wanted = options.parse()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket is a file, and servers inherit this
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-bench-")))
        bench = Bench(wanted, stack.enter_context(provider_process(folder)))
        for _ in range(wanted.rounds):
            bench.round()
    bench.print_tables()
    return int(any(result.errors for result in bench.results))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except (ProcessFailed, ServiceMissingError) as failure:
        sys.exit(f"bench: {failure}")
