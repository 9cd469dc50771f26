"""Stripe's events on their way into `raw.stripe_events`: from files, the API and webhooks."""
