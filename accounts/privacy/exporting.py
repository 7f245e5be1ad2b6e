"""One archive with everything of a person's, made part by part."""

import tempfile
import zipfile
from typing import IO, TYPE_CHECKING

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.downloads import IN_MEMORY, download
from accounts.privacy.parts import parts

if TYPE_CHECKING:
    from accounts.models import User

_README = _(
    """Your data

profile.json and account/: your account, ways to sign in, sessions, keys (never the secrets), what you used.
bookings.json: bookings linked to you.
conversations/: each conversation twice, as Markdown to be read and as JSON with everything.
audit.json: security-relevant acts of yours and on your account; staff are not named in it.

Made {made} UTC.
"""
)


def archive(user: "User") -> IO[bytes]:
    """Return the archive (ZIP), positioned at its end.

    Raises:
        DatabaseError: part of it could not be read; there is no half export.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("README.txt", _README.format(made=f"{timezone.now():%Y-%m-%d %H:%M}"))
        for part in parts():
            for item in part.exporter(user) if part.exporter else ():
                target.writestr(item.path, item.text)
    return file


def export_response(user: "User") -> HttpResponseBase:
    """Return the archive as a download; that it was made is audited first."""
    audit.record(audit.Act.DATA_EXPORTED, actor=user, target=user)
    name = f"your-data-{timezone.localdate()}.zip"
    return download(archive(user), name=name, content_type="application/zip")
