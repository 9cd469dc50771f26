"""A made company: what its accounts do, the Stripe events that tell of it, and the truth."""
