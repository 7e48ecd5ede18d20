//! From JSON Schema to typed NATS clients and servers.

pub mod model;
