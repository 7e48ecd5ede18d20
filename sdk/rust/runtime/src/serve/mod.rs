//! Serving of operations.
//!
//! A receiver task per server decodes requests and puts them into the schedule. It never waits for a request to
//! complete. Runner tasks take requests from the schedule. The server replies to each request, valid or not, unless the
//! reply subject is not an inbox.

mod answer;
mod context;
mod dedup;
mod error;
mod job;
mod lane;
mod limits;
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
pub use server::{Server, StatsReader};
pub use state::ServingState;
pub use stats::{Saturation, Stats};
