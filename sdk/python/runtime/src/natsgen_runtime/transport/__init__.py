"""Transports: NATS, and a transport inside a process for tests."""
