"""MRR, its movements and cohorts of companies in which the odd is usual."""

import pytest

from conftest import FULL
from odd.calendar import DAY
from odd.company.render import Renderer
from odd.company.truth import differences
from odd.company.world import World
from odd.raw import live

COMPANIES = [(3, 120, 20, False)]
if FULL:
    COMPANIES += [(51, 400, 26, True), (52, 400, 26, False), (53, 3_000, 20, False)]


@pytest.mark.parametrize("seed, accounts, months, by_command", COMPANIES)
def test_every_cell_of_mrr_is_true(
    make_warehouse, stays_as_published, seed, accounts, months, by_command
):
    """With now some weeks before the last event, so that what comes then does not count yet."""
    world = World(seed, accounts, months)
    warehouse = make_warehouse("live", "live")
    now = world.stop - 23 * DAY
    different = live(
        warehouse,
        world.accounts,
        world.rates,
        Renderer(world, seed).run(),
        seed=seed,
        now=now,
        by_command=by_command,
    )
    different += differences(warehouse, world, now)
    assert not different, f"{len(different)} cells differ\n" + "\n".join(different[:10])
    if seed == COMPANIES[0][0]:
        stays_as_published(warehouse, "odd_company")
