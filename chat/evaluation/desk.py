"""The sample airline on a database of its own: what the golden cases are asked of."""

from pathlib import Path

from django.core.management import call_command

from accounts.models import User
from chat.evaluation import clock
from chat.evaluation.cases import CUSTOMER, GOLDEN, DatasetRefused
from knowledge import sample_company
from knowledge.documents.importing import import_folder

VERSIONS = GOLDEN / "versions"


def prepare() -> None:
    """Make the tables and load the sample for the fixed day, with texts that come into force after it.

    Call it with the clock standing still, in a process whose database is the evaluation's own.

    Raises:
        DatasetRefused: a document could not be taken.
    """
    call_command("migrate", interactive=False, verbosity=0)
    refused = dict(sample_company.load(clock.FIXED_AT).refused)
    refused |= _load_versions(VERSIONS)
    if refused:
        raise DatasetRefused("; ".join(f"{name}: {reason}" for name, reason in refused.items()))
    User.objects.get_or_create(username=CUSTOMER, defaults={"first_name": "Customer"})


def _load_versions(folder: Path) -> dict[str, str]:
    """Publish the versions that follow those of the sample: a case of a later day must be told by them."""
    return dict(import_folder(folder).refused)
