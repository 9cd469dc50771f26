"""Cash, methods, activity, renewals, lifetimes and revenue of companies of odd payers."""

import pytest

from conftest import FULL
from odd.calendar import DAY
from odd.payer.render import events
from odd.payer.truth import differences
from odd.payer.world import World
from odd.raw import live

COMPANIES = [(1, 120, 20, False)]
if FULL:
    COMPANIES += [(2, 400, 30, True), (3, 400, 30, False), (4, 2_000, 24, True)]


@pytest.mark.parametrize("seed, accounts, months, by_command", COMPANIES)
def test_every_cell_of_money_is_true(
    make_warehouse, stays_as_published, seed, accounts, months, by_command
):
    """With now some weeks after the last event, so that periods end of which nothing tells."""
    world = World(seed, accounts, months)
    warehouse = make_warehouse("live", "live")
    now = world.end + 23 * DAY
    different = live(
        warehouse,
        world.accounts,
        world.rates,
        events(world),
        seed=seed,
        now=now,
        by_command=by_command,
    )
    different += differences(warehouse, world, now)
    assert not different, f"{len(different)} cells differ\n" + "\n".join(different[:10])
    if seed == COMPANIES[0][0]:
        stays_as_published(warehouse, "odd_payer")
