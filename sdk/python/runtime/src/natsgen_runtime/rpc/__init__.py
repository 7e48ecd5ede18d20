"""Calls, events, subscriptions and faults."""
