"""The group of the people who answer customers."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

migration = import_module("chat.migrations.0005_agents")


@pytest.fixture
def agent(bob):
    migration.make_group(apps, None)
    bob.is_staff = True
    bob.save()
    bob.groups.set([Group.objects.get(name="Agents")])
    return bob


def test_agents_read_and_handle_and_change_nothing_else(agent):
    may = agent.get_all_permissions()
    assert {"chat.view_conversation", "chat.view_turn", "knowledge.view_document"} <= may
    assert {name for name in may if ".view_" not in name} == {
        "chat.change_conversationflag",
        "chat.send_batch",
    }
    assert not any(name.startswith(("accounts.", "auth.", "mfa.", "socialaccount.")) for name in may)


def test_permissions_are_those_that_django_makes(agent):
    """Made before Django's own, they must be found again by it, not doubled."""
    codes = Permission.objects.filter(group__name="Agents").values_list("content_type", "codename")
    assert len(codes) == len(set(codes)) == agent.groups.get().permissions.count()
    assert not Permission.objects.filter(group__name="Agents", content_type__app_label="").exists()


def test_what_an_administrator_made_of_the_group_stands(agent):
    group = agent.groups.get()
    group.permissions.clear()
    migration.make_group(apps, None)
    assert group.permissions.count() == 0


def test_group_goes_with_the_migration_and_its_people_stay(agent):
    migration.remove_group(apps, None)
    agent.refresh_from_db()
    assert agent.is_staff
    assert not agent.groups.exists()
