"""JSON with all constraints of a schema."""
