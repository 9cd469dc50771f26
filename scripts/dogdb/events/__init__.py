"""Stripe's events on their way into `raw.stripe_events`: from files, from the API, from webhooks."""
