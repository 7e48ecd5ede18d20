"""Compares the SDK with the usual choice in Python."""
