"""The demonstration: one command to a desk with a sample airline, everything in this one process."""

import contextlib
import errno
import socket
from hashlib import sha256
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

HOST = "127.0.0.1"
SIGN_INS = (
    ("alice", "a customer with bookings"),
    ("bob", "a customer without bookings"),
    ("carol", "staff: documents, flights and conversations at /admin/"),
)
PASSWORD = "larkwing-demo"
DRAIN_SECONDS = 5  # how long answers in flight may take after Ctrl-C before they are cut


class Command(BaseCommand):
    """Prepare the database, the static files and the sample airline, then serve until Ctrl-C."""

    help = "Prepare a database with a sample airline and serve the desk on 127.0.0.1:PORT."
    requires_system_checks = ()  # the demonstration's own steps report what is wrong, in words

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every step; each is skipped when an earlier run has done it."""
        with listening_socket(settings.PORT) as listener:
            Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
            self.prepare_database()
            self.collect_static_files()
            # A Ctrl-C that ended the server is a normal end.
            with contextlib.suppress(KeyboardInterrupt):
                DemoServer(self, server_settings()).run(sockets=[listener])
        self.stdout.write("\nStopped. The conversations are kept; `make demo` shows them again.")

    def prepare_database(self) -> None:
        """Bring the tables up to date and load the sample airline where that is due."""
        try:
            if unapplied_migrations():
                self.stdout.write("  Database ...")
                call_command("migrate", interactive=False, verbosity=0)
            call_command("load_sample", "--if-needed")
            call_command("label_questions", "--if-none", verbosity=0)
        except (DatabaseError, InconsistentMigrationHistory) as error:
            name = connection.settings_dict["NAME"]
            raise CommandError(
                f"{name} does not fit this version ({error}); remove it to begin anew"
            ) from error

    def collect_static_files(self) -> None:
        """Collect the static files again if one of them is new, changed or gone."""
        note = Path(settings.VAR_DIR) / "static.sha256"
        present = static_digest()
        if note.exists() and note.read_text() == present and Path(settings.STATIC_ROOT).is_dir():
            return
        self.stdout.write("  Static files ...")
        note.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        note.write_text(present)


class DemoServer(uvicorn.Server):
    """Uvicorn that says where the desk is at the moment it answers there."""

    def __init__(self, command: BaseCommand, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.command = command

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, then print the address and the sign-ins."""
        await super().startup(sockets=sockets)
        if self.started:
            self.command.stdout.write(welcome())
            self.command.stdout.flush()


def server_settings() -> uvicorn.Config:
    """Return the settings of the server; ``Procfile`` has the same ones for several processes."""
    return uvicorn.Config(
        settings.ASGI_APPLICATION.replace(".application", ":application"),
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=settings.FRAME_MAX_BYTES,
        log_level="warning",
        proxy_headers=False,  # whom to believe is TRUSTED_PROXIES' to say
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def listening_socket(port: int) -> socket.socket:
    """Return a socket bound to ``port`` of this machine; raises ``CommandError`` when the port is taken.

    Bound before anything else is done, so that nobody waits for a demonstration that cannot be shown.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        reason = "is in use by another program" if taken else f"cannot be used ({error})"
        raise CommandError(
            f"port {port} {reason}; choose another: make demo PORT={8000 if port > 60_000 else port + 1}"
        ) from error
    return listener


def unapplied_migrations() -> bool:
    """Tell whether the database lacks a table or a change."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_digest() -> str:
    """Return one digest over the name, size and time of every static file that can be collected."""
    total = sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            total.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return total.hexdigest()


def welcome() -> str:
    """Return what a person needs to begin: the address, who to sign in as, and how to stop."""
    width = max(len(name) for name, _ in SIGN_INS)
    people = "\n".join(f"    {name:<{width}}  {who}" for name, who in SIGN_INS)
    return (
        f"\n  {settings.COMPANY_NAME} support desk:  http://{HOST}:{settings.PORT}/\n\n"
        f"  Sign in as (password {PASSWORD} for all):\n{people}\n\n"
        "  Ctrl-C stops it.\n"
    )
