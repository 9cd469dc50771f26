"""The made company itself: how long it has existed, what it sells, in which API versions."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from dogdb.demo.arithmetic import add_months
from dogdb.demo.objects import Coupon, Price, Product, Tier
from dogdb.demo.shapes.template import BASIL, CLOVER, LATEST_CHARGE, OLDEST

SCALES = {"usd": (1, 1), "eur": (1, 1), "gbp": (4, 5), "jpy": (3, 2), "kwd": (3, 1)}
"""What a US cent is in the minor unit of each currency on the price list, as a fraction."""

PRODUCTS = ("Free", "Medium", "Enterprise", "Seats", "Storage", "Usage")


@dataclass(frozen=True)
class Company:
    """A made company.

    Attributes:
        accounts: how many accounts sign up.
        months: how many calendar months its history has, the last one that of `end`.
        seed: what makes it another company of the same size.
        end: the last day.
    """

    accounts: int
    months: int
    seed: int
    end: dt.date

    @cached_property
    def starts_at(self) -> int:
        """The first instant."""
        day = dt.datetime(self.end.year, self.end.month, 1, tzinfo=dt.UTC)
        return add_months(int(day.timestamp()), 1 - self.months)

    @cached_property
    def ends_at(self) -> int:
        """The first instant after the last day."""
        day = dt.datetime(self.end.year, self.end.month, self.end.day, tzinfo=dt.UTC)
        return int(day.timestamp()) + 86400

    @cached_property
    def month_starts(self) -> tuple[int, ...]:
        """The first instants of the months, and of the one after them."""
        return tuple(add_months(self.starts_at, n) for n in range(self.months + 1))

    @cached_property
    def versions(self) -> tuple[tuple[int, str], ...]:
        """From when on which API version is in use, the oldest first."""
        return _versions(self)

    @cached_property
    def products(self) -> dict[str, Product]:
        """What is sold, by name."""
        return _products(self)

    @cached_property
    def prices(self) -> dict[tuple[str, str], Price]:
        """The price list, by price and currency."""
        return _prices(self)

    @cached_property
    def coupons(self) -> dict[tuple[str, str | None], Coupon]:
        """The coupons, by name, and by currency where they take an amount off."""
        return _coupons(self)

    def version_at(self, at: int) -> str:
        """Return the API version in use at an instant."""
        return next(version for since, version in reversed(self.versions) if at >= since)


def _versions(company: Company) -> tuple[tuple[int, str], ...]:
    """Return from when on which API version is in use, the oldest first.

    The company moves on after 40, 65 and 85 % of its history, never to a version before its date.
    """
    result = [(0, OLDEST)]
    for share, version in ((40, LATEST_CHARGE), (65, BASIL), (85, CLOVER)):
        released = dt.datetime.fromisoformat(version[:10]).replace(tzinfo=dt.UTC)
        length = company.ends_at - company.starts_at
        since = max(company.starts_at + length * share // 100 + 12345, int(released.timestamp()))
        if since < company.ends_at:
            result.append((since, version))
    return tuple(result)


def _products(company: Company) -> dict[str, Product]:
    """Return what is sold."""
    return {
        name: Product(f"prod_Demo{name}", f"DogDB {name}", company.starts_at) for name in PRODUCTS
    }


def _prices(company: Company) -> dict[tuple[str, str], Price]:
    """Return the price list, by price and currency."""
    result: dict[tuple[str, str], Price] = {}
    for currency, (over, under) in SCALES.items():

        def add(
            name: str,
            cents: int | None,
            product: str = "Medium",
            currency: str = currency,
            over: int = over,
            under: int = under,
            **how: object,
        ) -> None:
            amount = None if cents is None else cents * over // under
            identifier = f"price_1Demo{name.title().replace('_', '')}{currency.upper()}"
            nickname = f"{product} ({name.replace('_', ' ')})"
            result[name, currency] = Price(
                identifier,
                f"prod_Demo{product}",
                nickname,
                currency,
                amount,
                company.starts_at,
                **how,
            )

        def tiers(
            *steps: tuple[int | None, int, int], over: int = over, under: int = under
        ) -> dict:
            made = tuple(
                Tier(up_to, unit * over // under, flat * over // under)
                for up_to, unit, flat in steps
            )
            return {"tiers": made}

        add("free", 0, "Free")
        add("medium_month", 5000)
        add("medium_year", 50000, interval="year")
        add("medium_week", 1400, interval="week")
        add("medium_two_weeks", 2600, interval="week", interval_count=2)
        add("medium_day", 200, interval="day")
        add("medium_quarter", 14000, interval_count=3)
        add("enterprise_month", 50000, "Enterprise")
        add("enterprise_year", 500000, "Enterprise", interval="year")
        add("enterprise_two_years", 900000, "Enterprise", interval="year", interval_count=2)
        add("seat_month", 1000, "Seats")
        add("seat_year", 10000, "Seats", interval="year")
        decimal = f"{12345 * over // under}.5"
        add("seat_decimal", None, "Seats", unit_amount_decimal=decimal)
        steps = tiers((5, 1200, 0), (20, 900, 1000), (None, 700, 0))
        add("seat_graduated", None, "Seats", tiers_mode="graduated", **steps)
        steps = tiers((5, 1200, 0), (20, 900, 0), (None, 700, 2500))
        add("seat_volume", None, "Seats", tiers_mode="volume", **steps)
        add("storage_package", 2500, "Storage", divide_by=10)
        add("storage_package_down", 2500, "Storage", divide_by=10, round_to="down")
        add("usage", 3, "Usage", is_metered=True)
    return result


def _coupons(company: Company) -> dict[tuple[str, str | None], Coupon]:
    """Return the coupons, by name, and by currency where they take an amount off."""
    at = company.starts_at
    found = [
        Coupon("PUP10", "Puppy 10", "forever", at, percent_off="10"),
        Coupon("PUP12", "Puppy 12.5", "forever", at, percent_off="12.5"),
        Coupon("WALK25", "Walkies 25", "repeating", at, percent_off="25", months=3),
        Coupon("WALK100", "Walkies free", "repeating", at, percent_off="100", months=2),
        Coupon("BARK50", "Bark 50", "once", at, percent_off="50"),
    ]
    result: dict[tuple[str, str | None], Coupon] = {(coupon.id, None): coupon for coupon in found}
    for currency, (over, under) in SCALES.items():
        for name, cents, duration, months in (
            ("BONE5", 500, "forever", None),
            ("BONE20", 2000, "repeating", 6),
            ("BONE10", 1000, "once", None),
        ):
            result[name, currency] = Coupon(
                f"{name}{currency.upper()}",
                name.title(),
                duration,
                at,
                amount_off=cents * over // under,
                currency=currency,
                months=months,
            )
    return result
