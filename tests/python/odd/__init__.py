"""Odd companies: what may happen at Stripe, happening often; the truth of it is simulated.

`company` sells all kinds of prices and discounts and tells of MRR; `payer` pays in all kinds of
ways and tells of money. The others are what both need: `calendar`, `money`, the way to the raw
table (`arrivals`, `raw`), and `differences` between truth and marts.
"""
