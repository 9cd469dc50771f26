"""The raw tables that a made company fills, and how rows are written for PostgreSQL's COPY."""

import hashlib
import struct
from collections.abc import Iterable

from dogdb.demo.deliver import Delivery

TABLES = {
    "customer_accounts": "account_id numeric, email text, current_tier text, "
    "created_at timestamp, updated_at timestamp",
    "customer_interactions": "account_id numeric, channel text, category text, service_rep text, "
    "status text, created_at timestamp, completed_at timestamp",
    "customer_licenses": "account_id numeric, license_data text, created_at timestamp, "
    "updated_at timestamp",
    "service_representatives": "id integer, email text, first_name text, last_name text, "
    "start_date date, end_date date",
    "customer_pricing_plans": "id integer, name text, monthly_charge numeric, created_date date, "
    "updated_date date",
    "user_first_install_fact": "user_id varchar(36), install_id varchar(36), "
    "device_id varchar(36), installed_at timestamp, date_sk integer, client_sk integer, "
    "channel_sk integer, country_code varchar(7), network_name varchar(256), "
    "campaign_name varchar(256), adgroup_name varchar(256), creative_name varchar(256), "
    "campaign_id varchar(256), adgroup_id varchar(256), creative_id varchar(256), "
    "ip_address varchar(39)",
    "client_dim": "client_sk integer primary key, os_name varchar(256), app_name varchar(256), "
    "app_version varchar(256), device_name varchar(256)",
    "channel_dim": "channel_sk integer primary key, channel_name text, channel_group text, "
    "channel_label text",
    "ad_spend": "spend_date date, channel_sk integer, amount numeric, currency text",
    "fx_rates": "month date, currency text, rate_to_usd numeric",
}
"""The columns of every raw table but the events'."""

EVENTS = "stripe_events"
EVENT_COLUMNS = (
    "id, type, created, livemode, api_version, payload, received_at, source, body, body_sha256"
)
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
COPY_END = struct.pack(">h", -1)
EPOCH = 946684800
"""The Unix seconds of PostgreSQL's own epoch, 2000-01-01."""

_COUNT = struct.pack(">h", 10)
_LENGTH = struct.Struct(">i").pack
_INSTANT = struct.Struct(">iq").pack
_TRUE, _FALSE = b"\0\0\0\1\1", b"\0\0\0\1\0"
_SOURCE = _LENGTH(4) + b"demo"
_DIGEST = _LENGTH(32)


def columns_of(table: str) -> str:
    """Return a table's column names, as COPY wants them."""
    return ", ".join(column.split()[0] for column in TABLES[table].split(", "))


def event_row(it: Delivery) -> bytes:
    """Return a delivery as a row of `EVENT_COLUMNS` in COPY's binary format."""
    event_id, kind, version = it.id.encode(), it.type.encode(), it.version.encode()
    body = it.body
    return b"".join(
        (
            _COUNT,
            _LENGTH(len(event_id)),
            event_id,
            _LENGTH(len(kind)),
            kind,
            _INSTANT(8, (it.created - EPOCH) * 1_000_000),
            _TRUE if it.livemode else _FALSE,
            _LENGTH(len(version)),
            version,
            _LENGTH(len(body) + 1),
            b"\x01",
            body,
            _INSTANT(8, (it.received_at - EPOCH) * 1_000_000),
            _SOURCE,
            _LENGTH(len(body)),
            body,
            _DIGEST,
            hashlib.sha256(body).digest(),
        )
    )


def text_row(values: Iterable[str | int | None]) -> str:
    """Return a row in COPY's text format; values hold no backslash, tab or line break."""
    return "\t".join("\\N" if value is None else str(value) for value in values) + "\n"
