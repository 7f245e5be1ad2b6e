"""``manage.py load_sample``: the sample airline, moved to today."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from knowledge import sample_company


class Command(BaseCommand):
    """Load the sample company; see ``knowledge.sample_company``."""

    help = "Loads the sample airline: policies, flights around today, bookings and three people. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--if-needed``."""
        parser.add_argument("--if-needed", action="store_true", help="do nothing if it is loaded for today")

    def handle(self, *args: object, **options: object) -> None:
        """Load, and say how many policies were taken."""
        if options["if_needed"] and sample_company.is_loaded():
            return
        report = sample_company.load()
        if report.refused:
            raise CommandError("\n".join(f"{file}: {reason}" for file, reason in report.refused.items()))
        if options["verbosity"]:
            left = f", {len(report.kept)} left as edited" if report.kept else ""
            self.stdout.write(
                f"Sample airline loaded: {len(report.published)} policies published, "
                f"{len(report.unchanged)} unchanged{left}."
            )
