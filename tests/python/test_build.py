"""Does it all work? Builds on the server in use and compares with what is known."""

import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import NO_UNIT_TESTS

RAW_TABLES = """
create schema raw;
create table raw.customer_accounts (
    account_id numeric, email text, current_tier text, created_at timestamp, updated_at timestamp);
create table raw.customer_interactions (
    account_id numeric, channel text, category text, service_rep text, status text,
    created_at timestamp, completed_at timestamp);
create table raw.customer_licenses (
    account_id numeric, license_data text, created_at timestamp, updated_at timestamp);
create table raw.service_representatives (
    id numeric, email text, first_name text, last_name text, start_date date, end_date date);
create table raw.customer_pricing_plans (
    id numeric, name text, monthly_charge numeric, created_date date, updated_date date);
insert into raw.customer_pricing_plans values
    (1, 'Free', 0, '2019-07-12', '2019-07-12'),
    (2, 'Medium', 50, '2019-07-12', '2019-07-12'),
    (3, 'Enterprise', 500, '2019-07-23', '2019-07-23');
"""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_core_marts_equal_the_first_document(seeded):
    assert seeded.query(
        "select account_id, email, pricing_plan_id, created_at, updated_at, is_inferred"
        " from core.customer_accounts order by account_id"
    ) == [
        (
            1,
            "abc@123.com",
            1,
            instant("2019-05-01 21:13:05.156042"),
            instant("2019-05-01 21:13:11.804514"),
            False,
        ),
        (
            2,
            "123@abc.com",
            2,
            instant("2019-07-12 16:05:02.414454"),
            instant("2020-01-04 17:23:05.594305"),
            False,
        ),
        (
            3,
            "hello@world.com",
            3,
            instant("2019-07-23 12:26:47.571431"),
            instant("2019-09-17 04:32:32.493065"),
            False,
        ),
        (
            6,
            "ilovedogs@dogs.com",
            1,
            instant("2024-01-01 21:13:11.804514"),
            instant("2024-01-01 21:13:11.804514"),
            False,
        ),
        (
            7,
            "fakedatarules@gophermail.com",
            2,
            instant("2024-02-16 17:23:05.594305"),
            instant("2024-02-16 17:23:05.594305"),
            False,
        ),
        (
            35,
            "skidboot@heelermail.com",
            3,
            instant("2024-03-08 04:32:32.493065"),
            instant("2024-03-08 04:32:32.493065"),
            False,
        ),
    ]
    assert seeded.query("select * from core.customer_pricing_plans order by 1") == [
        (1, "Free", Decimal(0), date(2019, 7, 12), date(2019, 7, 12)),
        (2, "Medium", Decimal(50), date(2019, 7, 12), date(2019, 7, 12)),
        (3, "Enterprise", Decimal(500), date(2019, 7, 23), date(2019, 7, 23)),
    ]
    assert seeded.query("select * from core.service_representatives order by 1") == [
        (1, "andybotwin@dogdb.com", "Andy", "Botwin", date(2021, 1, 1), None, False),
        (2, "jillianbelk@dogdb.com", "Jillian", "Belk", date(2021, 1, 1), None, False),
        (3, "monicageller@dogdb.com", "Monica", "Geller", date(2021, 2, 1), None, False),
        (
            4,
            "derek.hostetler@dogdb.com",
            "Derek",
            "Hostetler",
            date(2020, 3, 8),
            date(2023, 12, 25),
            False,
        ),
    ]
    assert seeded.query(
        "select account_id, channel, category, service_rep_id, status, created_at, completed_at"
        " from core.customer_interactions order by created_at"
    ) == [
        (
            1,
            "web",
            "Tech Support",
            1,
            "resolved",
            instant("2021-01-25 19:11:35.295813"),
            instant("2021-01-25 19:13:52.812371"),
        ),
        (1, "email", "Billing", 2, "open", instant("2021-04-06 22:23:09.581234"), None),
        (
            3,
            "web",
            "Billing",
            3,
            "resolved",
            instant("2021-11-13 06:25:54.821374"),
            instant("2021-11-15 12:19:33.882136"),
        ),
        (
            7,
            "phone",
            "Account Change",
            4,
            "canceled",
            instant("2022-02-14 15:02:47.219352"),
            instant("2022-02-20 09:22:48.145523"),
        ),
    ]
    assert seeded.query(
        "select license_id, account_id, role, status, created_at, updated_at"
        " from core.customer_licenses order by account_id, role desc"
    ) == [
        (
            "d17cb11cda9ba249c22f67e4aed65d0f65f1a80c",
            1,
            "analyst",
            "active",
            instant("2022-03-12 02:56:37.652093"),
            instant("2022-03-12 02:56:37.652093"),
        ),
        (
            "be49ad8f4a68fbbdd1674b41da20759f54b0e930",
            6,
            "developer",
            "active",
            instant("2021-05-28 04:42:58.955093"),
            instant("2021-05-28 04:42:58.955093"),
        ),
        (
            "8541866bb3a4c4ecf070b2c1b2f7bb9c0934d287",
            6,
            "admin",
            "active",
            instant("2022-10-30 21:33:46.353060"),
            instant("2022-10-30 21:33:46.353060"),
        ),
        (
            "60831f59a531eef325e525ad58bae0e5e8c2d75a",
            35,
            "developer",
            "disabled",
            instant("2021-03-26 02:38:02.136033"),
            instant("2022-07-21 23:03:29.862040"),
        ),
    ]


def test_what_was_published_of_the_seeds_stays(seeded, stays_as_published):
    stays_as_published(seeded, "seeds")


def test_surrogate_keys_are_md5_of_the_business_key(seeded):
    keys = seeded.query("select account_id, account_key from core.customer_accounts")
    # What dbt_utils.generate_surrogate_key makes, so that the stand-in may never differ from it.
    assert keys == [(number, hashlib.md5(str(number).encode()).hexdigest()) for number, _ in keys]
    (key,) = seeded.query(
        "select interaction_id from core.customer_interactions where channel = 'email'"
    )[0]
    assert key == hashlib.md5(b"1-email-Billing-2021-04-06 22:23:09.581234").hexdigest()


def test_accountants_lists_for_the_coming_month(seeded):
    assert seeded.query(
        "select account_id, month, plan, method, amount, currency, expected_on"
        " from finance.expected_charges order by account_id"
    ) == [
        (2, date(2024, 4, 1), "Medium", "card", Decimal("50.00"), "usd", date(2024, 4, 30)),
        (3, date(2024, 4, 1), "Enterprise", "invoice", Decimal("500.00"), "usd", date(2024, 4, 23)),
        (7, date(2024, 4, 1), "Medium", "card", Decimal("50.00"), "usd", date(2024, 4, 16)),
        (35, date(2024, 4, 1), "Enterprise", "invoice", Decimal("500.00"), "usd", date(2024, 4, 8)),
    ]


def test_developer_account_without_interactions_has_its_months(seeded):
    assert seeded.query(
        "select account_id, license_rank, min(month), max(month), count(*), sum(interactions)"
        " from support.developer_account_interactions group by 1, 2"
    ) == [(6, 1, date(2021, 5, 1), date(2024, 3, 1), 35, 0)]


@pytest.fixture(scope="module")
def zoned(make_warehouse):
    """The seeds, built where midnight of the session is another one."""
    warehouse = make_warehouse("zoned", "seeds")
    warehouse.environ["PGTZ"] = "Pacific/Kiritimati"
    warehouse.build()
    return warehouse


def test_another_session_zone_makes_the_same_marts(zoned, seeded):
    """No day, month or key may move."""
    tables = seeded.query(
        "select table_schema || '.' || table_name from information_schema.tables where table_schema"
        " in ('core', 'finance', 'growth', 'support') or table_name in ('util_months', 'util_now')"
    )
    for (table,) in tables:
        rows = f"select * from {table}"
        assert sorted(map(repr, zoned.query(rows))) == sorted(map(repr, seeded.query(rows))), table
    (seen_at,) = zoned.query("select max(dbt_valid_from) from seeds.account_tiers_seen")[0]
    assert abs(datetime.now(UTC) - seen_at.replace(tzinfo=UTC)).total_seconds() < 3600


def test_every_rebuild_leaves_keys_views_and_grants(zoned):
    warehouse = zoned
    constraints = (
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace::regnamespace::text in ('core', 'finance', 'growth', 'support')"
        " order by 1, 2"
    )
    before = warehouse.query(constraints)
    role = f"{warehouse.name}_reader"
    warehouse.query(
        "create view public.mine as select * from core.customer_accounts;"
        f"create role {role}; grant select on core.customer_accounts to {role}"
    )
    try:
        rows = "select ctid::text, xmin::text, account_id from core.customer_accounts order by 3"
        untouched = warehouse.query(rows)
        warehouse.build("--select", "customer_accounts")
        warehouse.build()
        warehouse.build("--full-refresh")
        assert warehouse.query(rows) == untouched
        assert warehouse.query(constraints) == before
        assert warehouse.query("select count(*) from public.mine") == [(6,)]
        granted = f"select has_table_privilege('{role}', 'core.customer_accounts', 'select')"
        assert warehouse.query(granted) == [(True,)]
    finally:
        warehouse.query(f"drop owned by {role}; drop role {role}")


@pytest.fixture
def live(empty):
    empty.query(RAW_TABLES)
    empty.query(
        "insert into raw.customer_accounts values"
        " (1, 'a@x', 'Free', '2024-01-01', '2024-01-02'), (2, 'b@x', 'Medium', '2024-01-03', null)"
    )
    return empty


def test_no_command_touches_a_live_raw_table(live):
    """A role that may only read the raw tables can run all of dbt, and they stay as they are.

    Nor do the seeds take their place in the marts, on a server that is not the embedded one.
    """
    live.query(
        "insert into raw.customer_licenses values (1, 'broken', now(), now());"
        "insert into raw.customer_interactions values (1, 'web', 'x', 'Zoe', 'open', now(), null)"
    )
    role = f"{live.name}_builder"
    state = (
        "select relname, oid, relfilenode, pg_stat_get_tuples_inserted(oid),"
        " pg_stat_get_tuples_deleted(oid), pg_stat_get_tuples_updated(oid) from pg_class"
        " where relnamespace = 'raw'::regnamespace order by 1"
    )
    live.query(
        f"create role {role} login; grant usage on schema raw to {role};"
        f"grant select on all tables in schema raw to {role};"
        f'grant create on database "{live.name}" to {role}'
    )
    before = live.query(state)
    try:
        for command in (
            ["compile", "--select", "stg_stripe__events+1"],
            ["build", *NO_UNIT_TESTS],
            ["build", "--full-refresh", *NO_UNIT_TESTS],
            ["seed", "--full-refresh"],
            ["snapshot"],
            ["docs", "generate"],
        ):
            live.dbt("--quiet", *command, PGUSER=role)
        assert live.query(state) == before
        host = live.environ["PGHOST"]
        elsewhere = f"{host}/" if host.startswith("/") else host
        seeds = {"DOGDB_RAW": "seeds", "PGHOST": elsewhere}
        printed = live.dbt("run", "--select", "util_now", succeeds=False, **seeds)
        assert "the marts of this database are of live rows" in printed
        misspelt = live.dbt("run", "--select", "util_now", succeeds=False, DOGDB_RAW="LIVE")
        assert "DOGDB_RAW is 'LIVE': seeds or live" in misspelt
        assert live.query("select count(*) from core.customer_accounts") == [(2,)]
    finally:
        live.query(f"drop owned by {role} cascade; drop role {role}")


def test_a_raw_table_is_read_whatever_dbt_remembers_of_its_schema(live):
    """dbt fills its memory of a schema table by table, and its other threads look into it."""
    inline = (
        "{% do adapter.cache_added(source('raw', 'customer_licenses')) %}"
        "select account_id from {{ raw('customer_accounts') }} as found order by 1"
    )
    compiled = live.dbt("compile", "--quiet", "--output", "json", "--inline", inline)
    assert live.query(json.loads(compiled)["compiled"]) == [(1,), (2,)]


def test_an_empty_database_builds_live(empty):
    empty.build()
    assert empty.query("select count(*) from core.customer_accounts") == [(0,)]


def test_poorer_and_stranger_live_tables_build(empty):
    """Text where a date should be, a missing column, a missing table: judged, never a failure."""
    empty.query(
        "create schema raw;"
        "create table raw.customer_accounts (account_id text, email varchar(50), created_at text);"
        "insert into raw.customer_accounts values ('1', 'a@x', '2024-01-01T10:00:00+02:00'),"
        " ('two', 'b@x', '2024-01-01'), ('3', 'c@x', 'yesterday'), ('4', 'd@x', '2024-02-30')"
    )
    empty.build()
    assert empty.query("select account_id, created_at from core.customer_accounts") == [
        (1, instant("2024-01-01 08:00:00"))
    ]
    assert empty.query(
        "select record_key, rejection_reason from core.rejected_records order by 1"
    ) == [
        ("3", "created_at is no date"),
        ("4", "created_at is no date"),
        ("two", "account_id is missing or no whole number"),
    ]


KNOWN = {
    "tiers": "select account_id, tier, starts_at, ends_at from core.account_plan_periods"
    " order by account_id, starts_at",
    "inferred": "select account_id from core.customer_accounts where is_inferred",
    "representatives": "select distinct representative"
    " from support.developer_account_interactions where interactions > 0",
    "licences": "select license_id from core.customer_licenses",
    "plans": "select account_id, pricing_plan_id from core.customer_accounts order by 1",
    "prices": "select pricing_plan_id from core.pricing_plan_prices order by 1",
    "charges": "select account_id from finance.expected_charges order by 1",
}


@pytest.fixture(scope="module")
def changed(make_warehouse):
    """What is known once the application has changed and deleted rows after the first build."""
    warehouse = make_warehouse("live", "live")
    warehouse.query(RAW_TABLES)
    warehouse.query(
        "insert into raw.customer_accounts values"
        " (1, 'a@x', 'Free', '2024-01-01', '2024-01-02'), (2, 'b@x', 'Medium', '2024-01-03', null),"
        " (3, 'c@x', 'Medium', '2024-01-03', null), (4, 'd@x', 'Free', '2024-01-03', '2024-01-04'),"
        " (5, 'e@x', 'Free', now() at time zone 'UTC' + interval '2 hours', null);"
        "insert into raw.customer_pricing_plans values (0, 'Medium', 'NaN', '2020-01-01', null);"
        "insert into raw.customer_licenses values"
        ' (8, \'{"license_id":"x","role":"developer","status":"active"}\','
        " '2024-01-05', '2024-01-05'),"
        ' (2, \'{"license_id":"y","role":"developer","status":"active"}\','
        " '2024-01-05', '2024-01-05');"
        "insert into raw.service_representatives values"
        " (1, 'z@x', 'Zoe', 'Smith', '2024-01-01', null);"
        "insert into raw.customer_interactions values"
        " (2, 'web', 'x', 'z@x', 'open', '2024-01-05', null)"
    )
    warehouse.build()
    assert warehouse.query(KNOWN["inferred"]) == [(8,)]
    assert warehouse.query(KNOWN["representatives"]) == [("Zoe",)]
    warehouse.query(
        "update raw.customer_accounts set current_tier = 'Medium', updated_at = '2024-02-01'"
        " where account_id = 1;"
        "delete from raw.customer_accounts where account_id = 3;"
        "update raw.customer_accounts set email = 'new@x', updated_at = '2024-02-01'"
        " where account_id = 4;"
        "update raw.customer_accounts set current_tier = 'Enterprise' where account_id = 5;"
        "delete from raw.customer_pricing_plans where id = 3;"
        "delete from raw.customer_licenses where account_id = 8"
    )
    warehouse.build()
    # Alone: with anything else, what she is called would be made again anyhow.
    warehouse.query("update raw.service_representatives set first_name = 'Ann'")
    warehouse.build()
    return {name: warehouse.query(query) for name, query in KNOWN.items()}


def test_a_representative_is_called_as_now(changed):
    assert changed["representatives"] == [("Ann",)]


def test_a_tier_overwritten_in_the_application_is_kept(changed):
    assert changed["tiers"][:2] == [
        (1, "Free", instant("2024-01-01"), instant("2024-02-01")),
        (1, "Medium", instant("2024-02-01"), None),
    ]


def test_a_change_that_leaves_the_tier_begins_no_span(changed):
    spans = [span for span in changed["tiers"] if span[0] == 4]
    assert spans == [(4, "Free", instant("2024-01-03"), None)]


def test_an_account_deleted_in_the_application_is_billed_no_more(changed):
    ((tier, _, ends_at),) = [span[1:] for span in changed["tiers"] if span[0] == 3]
    assert (tier, ends_at is None) == ("Medium", False)
    assert changed["charges"] == [(1,), (2,)]


def test_what_is_only_referred_to_is_inferred_and_goes_with_its_last_reference(changed):
    assert changed["licences"] == [("y",)]
    # The third was deleted; the tiers it had refer to it.
    assert changed["inferred"] == [(3,)]


def test_a_plan_that_goes_and_dates_ahead_of_the_clock_fail_no_build(changed):
    assert changed["plans"] == [(1, 2), (2, 2), (3, None), (4, 1), (5, None)]
    assert changed["prices"] == [(1,), (2,)]


def test_a_price_announced_from_a_date_on_is_expected_from_that_date(live):
    live.query(
        "insert into raw.customer_pricing_plans"
        " values (2, 'Medium', 60, '2019-07-12', '2024-02-01')"
    )
    prices = (
        "select starts_on, ends_on, monthly_charge from core.pricing_plan_prices"
        " where pricing_plan_id = 2 order by 1"
    )
    two = [
        (date(2019, 7, 12), date(2024, 2, 1), Decimal(50)),
        (date(2024, 2, 1), None, Decimal(60)),
    ]
    live.build()
    assert live.query("select account_id, amount from finance.expected_charges") == [
        (2, Decimal(60))
    ]
    assert live.query(
        "select monthly_charge from core.customer_pricing_plans where pricing_plan_id = 2"
    ) == [(Decimal(50),)]
    assert live.query(prices) == two
    live.build("--select", "plan_prices_seen", "pricing_plan_prices")
    assert live.query(prices) == two


def test_a_refused_row_changes_nothing(live):
    """A row that the table does not take leaves it as it was."""
    live.build()
    live.query("insert into raw.customer_accounts values (9, 'z@x', 'Free', '2024-01-09', null)")
    live.query(
        "create function refuse() returns trigger language plpgsql"
        " as 'begin raise ''too few''; end';"
        "create trigger few before insert on core.customer_accounts"
        " for each row execute function refuse()"
    )
    printed = live.dbt(
        "run", "--select", "stg_dogdb__accounts", "customer_accounts", succeeds=False
    )
    assert "few" in printed
    assert live.query("select count(*) from core.customer_accounts") == [(2,)]


def test_a_refused_install_tells_no_address(live):
    live.query(
        "create table raw.user_first_install_fact (install_id text, ip_address text);"
        "insert into raw.user_first_install_fact"
        " values ('i', '198.51.100.7'), (repeat('i', 256), null)"
    )
    live.dbt("run", "--quiet", "--select", "+stg_installs__installs")
    (long, nobody) = live.query(
        "select rejection_reason, original_record from staging.stg_installs__installs order by 1"
    )
    assert long[0] == "install_id has more than 255 characters"
    assert nobody[0] == "user_id is missing"
    assert "198.51" not in nobody[1]


def test_a_refused_row_is_in_no_mart(live):
    """Refused or superseded beside a good row in the application: told, and not counted."""
    live.query(
        "insert into raw.customer_accounts values"
        " (2, 'old@x', 'Free', '2024-01-03', '2023-12-01'), (3, 'c@x', 'Free', 'infinity', null);"
        "insert into raw.customer_pricing_plans values"
        " (2, 'Medium', 'NaN', '2019-07-12', '2019-07-12'),"
        " (2, 'Medium', 40, '2019-07-12', '2019-07-12'), (4, 'Dear', 1e16, '2019-07-12', null);"
        "insert into raw.customer_licenses values"
        ' (1, \'{"license_id":"x","status":"active"}\', \'2024-01-05\', \'2024-01-05\'),'
        ' (1, \'{"license_id":"x","status":"old"}\', \'2024-01-05\', \'2024-01-04\'),'
        " (1, '{', '2024-01-05', '2024-01-05');"
        "insert into raw.customer_interactions values"
        " (1, 'web', 'x', 'Zoe', 'open', '2024-01-05', null),"
        " (1, 'web', 'x', 'Zoe', 'done', '2024-01-05', '2024-01-06')"
    )
    live.build()
    assert live.query("select account_id, email from core.customer_accounts order by 1") == [
        (1, "a@x"),
        (2, "b@x"),
    ]
    assert live.query(
        "select pricing_plan_id, monthly_charge from core.pricing_plan_prices order by 1"
    ) == [(1, Decimal(0)), (2, Decimal(50)), (3, Decimal(500))]
    assert live.query("select license_id, status from core.customer_licenses") == [("x", "active")]
    assert live.query("select status from core.customer_interactions") == [("done",)]
    assert live.query(
        "select source, count(*) from core.rejected_records group by 1 order by 1"
    ) == [
        ("customer_accounts", 2),
        ("customer_interactions", 1),
        ("customer_licenses", 1),
        ("customer_pricing_plans", 3),
    ]


def test_live_columns_of_other_types_say_the_same(empty):
    empty.query(
        "create schema raw;"
        "create table raw.customer_licenses (account_id varchar(9), license_data jsonb,"
        " created_at date, updated_at timestamptz);"
        "insert into raw.customer_licenses values (' 1 ',"
        ' \'{"license_id":"x","role":"developer","status":"active"}\','
        " '2024-01-05', '2024-01-05 10:00+02');"
        "create table raw.customer_pricing_plans"
        " (id integer, name varchar(20), monthly_charge text, created_date timestamp);"
        "insert into raw.customer_pricing_plans values (1, 'Free', ' 0.10 ', '2024-01-05 23:59');"
        "create table raw.stripe_events (id varchar(40), type text, created timestamp,"
        " livemode text, api_version text, payload json);"
        "insert into raw.stripe_events values ('evt_1', 'customer.created', '2024-01-06 23:00',"
        ' \'true\', null, \'{"data":{"object":{"id":"cus_1","object":"customer"}}}\')'
    )
    empty.dbt("build", "--quiet", *NO_UNIT_TESTS, PGTZ="Asia/Kathmandu")
    assert empty.query(
        "select account_id, license_id, created_at, updated_at from core.customer_licenses"
    ) == [(1, "x", instant("2024-01-05"), instant("2024-01-05 08:00"))]
    assert empty.query(
        "select pricing_plan_id, monthly_charge, created_date from core.customer_pricing_plans"
    ) == [(1, Decimal("0.10"), date(2024, 1, 5))]
    assert empty.query("select now_at from utilities.util_now") == [(instant("2024-01-06 23:00"),)]
    assert empty.query("select stripe_customer_id from core.stripe_customers") == [("cus_1",)]


def test_rates_and_spending_that_can_not_be_read_are_refused(empty):
    empty.query(
        "create schema raw;"
        "create table raw.fx_rates (month text, currency varchar(9), rate_to_usd text);"
        "insert into raw.fx_rates values ('2024-01-31', 'EUR', '1.08'), ('soon', 'eur', '1.08'),"
        " ('2024-01-01', 'gbp', 'one'), ('2024-01-01', 'jpy', null);"
        "create table raw.ad_spend (spend_date timestamp, channel_sk bigint, amount float8);"
        "insert into raw.ad_spend values ('2024-01-05 23:00', 1, 0.1)"
    )
    empty.dbt("run", "--quiet", "--select", "+rejected_records", PGTZ="Pacific/Auckland")
    assert empty.query(
        "select month, currency, rate_to_usd from staging.stg_finance__exchange_rates"
        " where is_current"
    ) == [(date(2024, 1, 1), "eur", Decimal("1.08"))]
    assert empty.query(
        "select source, record_key, rejection_reason from core.rejected_records order by 2"
    ) == [
        ("fx_rates", "2024-01-01 gbp", "rate_to_usd is no number"),
        ("fx_rates", "2024-01-01 jpy", "rate_to_usd is missing"),
        ("ad_spend", "2024-01-05 23:00:00 1", "currency is missing"),
        ("fx_rates", "soon eur", "month is no date"),
    ]


def test_every_constraint_of_a_contract_is_in_the_database(seeded):
    manifest = json.loads((Path(seeded.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or not node["contract"]["enforced"]:
            continue
        rules = node["constraints"] + [
            rule for column in node["columns"].values() for rule in column["constraints"]
        ]
        wanted = Counter(rule["type"][0] for rule in rules if rule["type"] != "not_null")
        required = {
            name for rule in rules if rule["type"] == "primary_key" for name in rule["columns"]
        }
        required |= {
            column["name"]
            for column in node["columns"].values()
            if "not_null" in [rule["type"] for rule in column["constraints"]]
        }
        table = f"{node['schema']}.{node['alias']}"
        found = seeded.query(
            "select contype, count(*) from pg_constraint"
            " where contype <> 'n' and conrelid = %s::regclass group by 1",
            [table],
        )
        assert dict(found) == wanted, table
        found = seeded.query(
            "select attname from pg_attribute where attnotnull and attnum > 0"
            " and attrelid = %s::regclass",
            [table],
        )
        assert {name for (name,) in found} == required, table


def test_every_unit_test_holds_whatever_the_session_zone_and_the_vars(seeded):
    """Or whoever builds by another policy would find models skipped for a test of the default."""
    switches = "{counted_statuses: [unpaid], counted_discounts: [once], churn_at: cancellation}"
    seeded.dbt(
        *("test", "--quiet", "--select", "test_type:unit"),
        vars=f"{{policy: chartmogul, policy_switches: {switches}, count_test_mode: true,"
        " lifetime_horizon_months: 7, top_developer_accounts: 3, now: '2020-02-03'}",
        PGTZ="Asia/Kathmandu",
    )


def answers(warehouse, *names: str) -> list[list[tuple]]:
    """What some analyses find."""
    return [warehouse.query(sql) for sql in warehouse.analyses(*names)]


def test_the_analyses_answer_what_is_known_of_the_seeds(seeded):
    repeated, channels, lists, audit = answers(
        seeded,
        "installs_repeated_yesterday",
        "installs_top_android_channels",
        "expected_charges_next_month",
        "audit_raw_tables",
    )
    assert repeated == [("user-ada", 2), ("user-bob", 3)]
    assert channels == [
        (1, "google_ads", 13),
        (2, "instagram", 9),
        (3, "facebook", 7),
        (4, "newsletter", 5),
        (4, "organic", 5),
        (5, "partners", 4),
    ]
    assert [(row[0], row[1], row[2], row[5]) for row in lists] == [
        ("card", "account", 7, Decimal(50)),
        ("card", "account", 2, Decimal(50)),
        ("card", "sum", None, Decimal(100)),
        ("invoice", "account", 35, Decimal(500)),
        ("invoice", "account", 3, Decimal(500)),
        ("invoice", "sum", None, Decimal(1000)),
    ]
    assert [row[-1] for row in audit] == [4, 4, 0, 0, 0, 0, 0, 0, 4, 4, 0, 6, 4]


def test_a_day_is_over_when_the_next_begins(seeded):
    """Who changes the plan at midnight has the old one on the day before, and one of them then."""
    day = "{account_id: 3, day: 2019-09-16}"
    (query,) = seeded.analyses("account_on_a_day", vars=day)
    inline = """select plan from {{ subscriptions_at("'2019-09-17Z'::timestamptz") }} as found"""
    compiled = seeded.dbt("compile", "--quiet", "--output", "json", "--inline", inline)
    at_midnight = json.JSONDecoder().raw_decode(compiled, compiled.index("{"))[0]["compiled"]
    session = seeded.connect()
    with session.cursor() as cursor:
        cursor.execute(
            "update finance.subscription_periods set ends_at = '2019-09-17Z'"
            " where account_id = 3 and plan = 'Medium';"
            " update finance.subscription_periods set starts_at = '2019-09-17Z'"
            " where account_id = 3 and plan = 'Enterprise'"
        )
        cursor.execute(query)
        assert [row[4] for row in cursor.fetchall()] == ["Medium"]
        cursor.execute(f"{at_midnight} where account_id = 3")
        assert cursor.fetchall() == [("Enterprise",)]
    session.rollback()
    session.close()


@pytest.mark.parametrize(
    "switches",
    ["counted_statuses: active", "counted_discounts: {once: 1}", "churn_at: [cancellation]",
     "free_is_churn: [false]", "free_is_churn: maybe", "churns_at: cancellation"],
)  # fmt: skip
def test_what_a_switch_can_not_be_is_an_error(seeded, switches):
    variables = f"{{policy_switches: {{{switches}}}}}"
    select = ("--select", "subscription_periods", "int_subscription_months")
    printed = seeded.dbt("compile", *select, vars=variables, succeeds=False)
    assert f"policy_switches says {switches.split(':')[0]}" in printed


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ("{policy: strip}", "policy is strip; there are stripe, chartmogul"),
        ("{policies: [stripe]}", "policies is ['stripe']; it names two"),
        ("{policies: stripe}", "policies is stripe; it names two"),
        ("{policies: [stripe, mogul]}", "policy is mogul; there are stripe, chartmogul"),
        ("{now: '2024-02-30'}", "var now is '2024-02-30': give a day or an instant"),
    ],
)
def test_a_var_that_can_not_be_is_an_error(seeded, variables, error):
    select = ("--select", "policies_compared", "int_subscription_months")
    assert error in seeded.dbt("compile", *select, vars=variables, succeeds=False)


def test_each_preset_counts_by_its_own_switches(seeded):
    shown = seeded.dbt(
        "show",
        "--quiet",
        "--output",
        "json",
        "--inline",
        "select status, ({{ policy_mrr('stripe', 'span') }})::float as stripe,"
        " ({{ policy_mrr('chartmogul', 'span') }})::float as chartmogul"
        " from (select status, true as is_ending,"
        """ '[{"list_mrr": 100, "periods_per_month": 1, "discounts": []}]'::jsonb as items,"""
        """ '[{"duration": "once", "is_in_force": true, "percent_off": 25},"""
        """ {"duration": "forever", "is_in_force": true, "percent_off": 10}]'::jsonb as discounts"""
        " from (values ('active'), ('paused'), ('unpaid')) as statuses (status)) as span",
        vars="{policy_switches: {counted_statuses: [paused], counted_discounts: [repeating],"
        " churn_at: cancellation}}",
    )
    assert [tuple(row.values()) for row in json.loads(shown)["show"]] == [
        ("active", 90, 67.5),
        ("paused", 0, 0),
        ("unpaid", 0, 67.5),
    ]


def test_the_audit_counts_what_is_wrong(live):
    # Keys that are missing must not hide what refers to nothing.
    live.query(
        "insert into raw.customer_accounts values (null, 'n@x', null, '2024-01-01', null);"
        "insert into raw.service_representatives values (9, 'n@x', null, 'N', null, null)"
    )
    live.query(
        "insert into raw.customer_accounts values (1, 'a@x', null, '2024-01-01', null);"
        "insert into raw.service_representatives values (1, 'z@x', 'Zoe', 'Z', null, null);"
        "insert into raw.customer_interactions values"
        " (1, 'web', 'x', 'Zoe', 'open', '2024-01-05', null),"
        " (1, 'web', 'x', 'Zoe', 'open', '2024-01-05', null),"
        " (9, 'web', 'x', 'Ann', 'open', '2024-01-05', null),"
        " (9, 'web', 'x', null, 'open', '2024-01-06', null);"
        "insert into raw.customer_licenses values"
        " (1, '{“license_id”:“x”}', null, null), (8, '{\"license_id\":\"x\"}', null, null),"
        " (1, '{', null, null)"
    )
    live.dbt("run", "--quiet", "--select", "+util_now")
    (audit,) = answers(live, "audit_raw_tables")
    assert [row[-1] for row in audit] == [4, 3, 1, 1, 1, 2, 1, 1, 3, 1, 1, 2, 3]
