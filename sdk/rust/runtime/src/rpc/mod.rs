//! Calls, events, subscriptions and faults over a [`Connection`](crate::Connection).

pub mod call;
pub mod connection;
pub mod failure;
pub mod fault;
pub mod observe;
pub mod operation;
pub mod subscribe;

pub(crate) mod batch;
pub(crate) mod inbox;
pub(crate) mod pending;
