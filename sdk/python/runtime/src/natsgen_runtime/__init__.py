"""Typed clients and servers for protocols over NATS."""
