"""The shapes of Stripe's objects and events, as API versions since 2018 have them."""
