//! Serving operations.
//!
//! One task per server receives: it reads requests, decides in which order they run, and never waits for them.
//! Runners take requests from the schedule. Every request is answered, whatever is wrong with it, unless its reply
//! subject is no inbox.

mod answer;
mod context;
mod dedup;
mod error;
mod options;
mod router;
mod routes;
mod run;
mod schedule;
mod server;
mod state;
mod stats;
mod watch;

pub use context::{Call, Context};
pub use dedup::DedupOptions;
pub use error::StartError;
pub use options::ServeOptions;
pub use router::{Listen, Router};
pub use server::Server;
pub use state::ServingState;
pub use stats::Stats;
