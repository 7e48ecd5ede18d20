//! Calls, events, subscriptions and faults over a [`Connection`](crate::Connection).

pub(crate) mod call;
pub(crate) mod connection;
pub(crate) mod failure;
pub(crate) mod fault;
pub(crate) mod form;
#[cfg(feature = "nats")]
mod nats;
pub(crate) mod observe;
pub(crate) mod ordering;
pub(crate) mod subscribe;

pub(crate) mod batch;
mod denial;
pub(crate) mod inbox;
pub(crate) mod pending;
