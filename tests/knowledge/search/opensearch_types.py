"""What was asked of OpenSearch and answered, as TypeScript that the official types must accept.

The npm package ``@opensearch-project/opensearch`` carries types made from OpenSearch's API specification.
Each request becomes a literal of its request type (path, parameters, body), each answer one of its response
type. Where those take anything (the lines of a bulk) or any of fifty kinds (aggregations), the part becomes a
literal of its own type as well.
"""

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from tests.knowledge.search.opensearch_server import Exchange

Json = dict[str, Any]

PACKAGES = Path(settings.BASE_DIR) / "node_modules"
OFFICIAL = PACKAGES / "@opensearch-project" / "opensearch"
COMPILER = PACKAGES / "typescript" / "bin" / "tsc"
OPTIONS = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,  # what the client itself needs of Node is not what is looked at
        "module": "nodenext",
        "moduleResolution": "nodenext",
        "types": [],
    },
    "files": ["exchanges.ts"],
}
_PARTS = [
    ("_types/_common", "ErrorResponseBase"),
    ("_types/_core.bulk", "OperationContainer"),
    ("_types/_common.aggregations", "CompositeAggregate"),
]
_NUMBERS = ("version",)  # parameters that the types have as numbers; in an address everything is text


class Operation(NamedTuple):
    """One of the operations that the desk uses: how to know it, and where its types are."""

    method: str
    path: str
    module: str
    name: str


_OPERATIONS = [
    Operation("GET", r"/_alias/(?P<name>[^/]+)", "indices/getAlias", "Indices_GetAlias"),
    Operation("POST", r"/_aliases", "indices/updateAliases", "Indices_UpdateAliases"),
    Operation("PUT", r"/(?P<index>[^/]+)", "indices/create", "Indices_Create"),
    Operation("DELETE", r"/(?P<index>[^/]+)", "indices/delete", "Indices_Delete"),
    Operation("POST", r"/(?P<index>[^/]+)/_refresh", "indices/refresh", "Indices_Refresh"),
    Operation("POST", r"/(?P<index>[^/]+)/_bulk", "_core/bulk", "Bulk"),
    Operation("POST", r"/(?P<index>[^/]+)/_search", "_core/search", "Search"),
    Operation("POST", r"/(?P<index>[^/]+)/_delete_by_query", "_core/deleteByQuery", "DeleteByQuery"),
    Operation("GET", r"/(?P<index>[^/]+)/_doc/(?P<id>[^/]+)", "_core/get", "Get"),
    Operation("PUT", r"/(?P<index>[^/]+)/_doc/(?P<id>[^/]+)", "_core/index", "Index"),
]


def literals(exchanges: Iterable[Exchange]) -> list[tuple[str, str]]:
    """Return all of them as types with literals; none comes twice."""
    return list(dict.fromkeys(line for exchange in exchanges for line in _literals(exchange)))


def wrong_lines(typed: Iterable[tuple[str, str]], folder: Path, node: list[str]) -> tuple[set[int], str]:
    """Return the places of the literals that the compiler refuses, and what it says."""
    lines = [
        *(f"import type {{ {name} }} from {_module(module)};" for module, name in _PARTS),
        *(
            f"import type {{ {one.name}_Request, {one.name}_ResponseBody }} from {_module(one.module)};"
            for one in _OPERATIONS
        ),
    ]
    before = len(lines)
    lines += [f"const l{number}: {kind} = {literal};" for number, (kind, literal) in enumerate(typed)]
    (folder / "exchanges.ts").write_text("\n".join([*lines, "export {};", ""]))
    (folder / "tsconfig.json").write_text(json.dumps(OPTIONS))
    (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [*node, str(COMPILER), "--project", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    found = {int(line) - before - 1 for line in re.findall(r"^exchanges\.ts\((\d+),", done.stdout, re.M)}
    assert (done.returncode == 0) == (not found), done.stdout + done.stderr
    return found, done.stdout


def used(exchanges: Iterable[Exchange]) -> set[str]:
    """Return the names of the operations among them."""
    return {_operation(exchange)[0].name for exchange in exchanges}


def every_operation() -> set[str]:
    """Return the names of all that are known here."""
    return {operation.name for operation in _OPERATIONS}


def _module(name: str) -> str:
    return json.dumps(str(OFFICIAL / "api" / f"{name}.js"))


def _operation(exchange: Exchange) -> tuple[Operation, Json]:
    path = urlsplit(exchange.target).path
    for operation in _OPERATIONS:
        fits = re.fullmatch(operation.path, path)
        if fits and exchange.method == operation.method:
            return operation, {name: unquote(value) for name, value in fits.groupdict().items()}
    raise AssertionError(f"no type is known for {exchange.method} {exchange.target}")


def _literals(exchange: Exchange) -> Iterable[tuple[str, str]]:
    operation, request = _operation(exchange)
    for name, values in parse_qs(urlsplit(exchange.target).query).items():
        request[name] = int(values[0]) if name in _NUMBERS else values[0]
    if exchange.sent:
        lines = [json.loads(line) for line in exchange.sent.splitlines()]
        request["body"] = lines if operation.name == "Bulk" else lines[0]
        if operation.name == "Bulk":
            yield from (("OperationContainer", _literal(line)) for line in lines[::2])
    yield f"{operation.name}_Request", _literal(request)
    for found in exchange.told.get("aggregations", {}).values():
        yield "CompositeAggregate", _literal(found)
    if exchange.status < 300 or "found" in exchange.told:
        yield f"{operation.name}_ResponseBody", _literal(exchange.told)
    elif isinstance(exchange.told["error"], dict):
        yield "ErrorResponseBase", _literal(exchange.told)


def _literal(value: Json) -> str:
    """Return it as TypeScript. What is null becomes ``undefined``: the types know no null."""
    return re.sub(r": null(?=[,}])", ": undefined", json.dumps(value))
