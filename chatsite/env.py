"""Typed reading of the environment, one reader a kind; every mistake names its variable in one line.

Built on environs, which also reads ``NAME_FILE`` for secrets kept in files.
"""

from contextlib import contextmanager
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from re import fullmatch
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

from environs import EnvError, FileAwareEnv
from marshmallow.validate import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_env = FileAwareEnv()


def refuse(reason: str) -> NoReturn:
    """Stop the process with one line that says which setting is wrong and why."""
    raise SystemExit(f"chatsite: {reason}")


@contextmanager
def _one_line_errors() -> "Iterator[None]":
    try:
        yield
    except (EnvError, ValueError) as error:
        refuse(f"setting refused: {error}")


def text(name: str, default: str = "") -> str:
    """Return ``name`` (or the contents of ``name_FILE``) with outer space removed."""
    with _one_line_errors():
        return _env.str(name, default).strip()


def flag(name: str, default: bool) -> bool:
    """Return a yes/no setting; accepts true/false, yes/no, on/off, 1/0."""
    with _one_line_errors():
        return _env.bool(name, default)


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number of at least ``least``."""
    with _one_line_errors():
        return _env.int(name, default, validate=Range(min=least))


def number(name: str, default: float) -> float:
    """Return a number of at least zero."""
    with _one_line_errors():
        return _env.float(name, default, validate=Range(min=0))


def amount(name: str, default: str = "") -> Decimal | None:
    """Return an amount of money of at least zero; None where it is not set."""
    with _one_line_errors():
        if not text(name, default):
            return None
        return _env.decimal(name, default, validate=Range(min=0))


def seconds(name: str, default: float) -> float:
    """Return a duration in seconds, above zero."""
    with _one_line_errors():
        return _env.float(name, default, validate=Range(min=0, min_inclusive=False))


_PERIODS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def rate(name: str, default: str) -> tuple[int, int]:
    """Return a limit and its seconds from a text like 30/m, 10/5m or 200/h; 0 is no limit."""
    given = text(name, default)
    if given == "0":
        return 0, 60
    read = fullmatch(r"(\d+)/(\d*)([smhd])", given)
    if not read or read[2] == "0":
        refuse(f'setting refused: "{name}" must be like 30/m or 10/5m (s, m, h, d), or 0 for no limit')
    return int(read[1]), int(read[2] or 1) * _PERIODS[read[3]]


def words(name: str, default: "Sequence[str]" = ()) -> list[str]:
    """Return a comma-separated list with empty entries dropped."""
    with _one_line_errors():
        return [word.strip() for word in _env.list(name, list(default)) if word.strip()]


def url(name: str, default: str = "") -> str:
    """Return an http(s) address without a slash at its end; empty where it is not set."""
    address = text(name, default).rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        refuse(f'setting refused: "{name}" must be an address like https://desk.example.org')
    return address


def share(name: str, default: float) -> float:
    """Return a share between 0 and 1."""
    with _one_line_errors():
        return _env.float(name, default, validate=Range(min=0, max=1))


def headers(name: str) -> dict[str, str]:
    """Return headers from a list like ``api-key=secret,x-team=desk``, its values percent-encoded."""
    pairs = [part.partition("=") for part in text(name).split(",") if part.strip()]
    if any(not key.strip() or not separator for key, separator, _ in pairs):
        refuse(f'setting refused: "{name}" must be like name=value,name=value')
    return {key.strip().lower(): unquote(value.strip()) for key, _, value in pairs}


def networks(name: str) -> "list[IPv4Network | IPv6Network]":
    """Return networks from a list like 10.1.0.0/16, fd00::/8; empty where it is not set."""
    with _one_line_errors():
        return [ip_network(written) for written in words(name)]


def choice(name: str, default: str, options: "Sequence[str]") -> str:
    """Return one of ``options``."""
    with _one_line_errors():
        return _env.str(name, default, validate=OneOf(options))


def database(name: str, default: str) -> dict[str, object]:
    """Return Django's settings for the database that a URL names."""
    with _one_line_errors():
        return _env.dj_db_url(name, default)


def mail_server(name: str) -> dict[str, object]:
    """Return Django's settings for the mail server that a URL names; empty where it is not set."""
    if not text(name):
        return {}
    with _one_line_errors():
        server = _env.dj_email_url(name)
    if "EMAIL_BACKEND" not in server:
        refuse(f'setting refused: "{name}" must be like submission://user:password@mail.example.org:587')
    return server
