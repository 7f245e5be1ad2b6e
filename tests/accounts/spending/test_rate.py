"""Messages a minute, as the person's plan has them."""

from uuid import uuid4

import pytest

from accounts.limits.messages import uses_of_message


@pytest.mark.parametrize("over_http", [True, False])
def test_the_plans_rate_takes_the_place_of_the_desks(alice, settings, over_http):
    settings.RATELIMIT_ENABLE = True
    uses = uses_of_message(alice, uuid4(), over_http=over_http, plan_rate=3)
    assert [(use.rule.limit, use.rule.seconds, use.key) for use in uses] == [(3, 60, alice.pk)]


def test_where_limits_are_off_a_plan_does_not_switch_them_on(alice, settings):
    settings.RATELIMIT_ENABLE = False
    uses = uses_of_message(alice, uuid4(), over_http=True, plan_rate=3)
    assert {use.rule.limit for use in uses} == {0}
