//! A key-value store over NATS.
