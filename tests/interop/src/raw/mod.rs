//! The peer without an SDK: it sends and answers bytes, without headers and without codes.

pub(crate) mod call;
pub(crate) mod serve;
mod subject;
