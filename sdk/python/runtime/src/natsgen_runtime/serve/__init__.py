"""Servers of operations."""
