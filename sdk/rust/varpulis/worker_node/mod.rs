//! A complete worker: it serves a [`WorkerService`](crate::worker::WorkerService), registers it with the coordinators
//! and keeps it registered.
//!
//! A [`WorkerNode`] takes any implementation of the generated trait and:
//!
//! - serves commands, and executes a command once even if its caller sends it again;
//! - registers with backoff, and registers again after a reconnect or when the coordinator has lost its registration;
//! - sends heartbeats at the interval that the coordinator asks for;
//! - drains, and shuts down without losing a command.
//!
//! # Instances
//!
//! Each start is a new *instance* under the worker's id. A newer instance replaces an older instance that is gone,
//! silent or draining. It replaces a live instance only if the coordinators know an API key of this worker; otherwise
//! its registration is refused as `worker_id_in_use`, and [`WorkerNode::start`] registers again until the id is free.
//!
//! An instance that receives a notice of its replacement pauses commands, and asks a coordinator. It is
//! [replaced](RunningWorkerNode::replaced) only if the coordinator confirms the notice, because any peer on the bus can
//! send a notice. A replaced instance unsubscribes, answers the commands that it has begun, and refuses the rest as
//! `draining`. The newer instance subscribes 0.3 s after its registration, so that the older one has unsubscribed by
//! then. In between, no instance is subscribed, and a caller's request fails at once as not delivered. If the
//! confirmation takes longer, the older instance drops the paused commands, because the newer instance may have received
//! them. An instance that receives a notice of another registration, but not of its own replacement, registers again:
//! the registry decides.
//!
//! An instance that was disconnected meanwhile cannot know if it was replaced. After the reconnect it pauses commands
//! until a coordinator has answered its registration. If it was replaced, it drops the paused commands: the newer
//! instance received them as well.
//!
//! A command is executed by one instance only, except in these cases. Both instances execute it until the older one
//! receives a notice or registers again:
//!
//! - no coordinator answers, or the coordinator that answers has not yet applied the newer registration;
//! - the older instance has no permission to subscribe to registration notices;
//! - the older instance stalls for longer than the 0.3 s of the handover.
//!
//! # HTTP
//!
//! With the feature `http`, a worker may be reached over HTTP:
//!
//! - [`WorkerNode::http`] serves the commands, and registers the address of the server.
//! - [`WorkerNode::coordinator_url`] registers and sends heartbeats.
//!
//! A worker with both needs no NATS, only a [`Connection::memory`](crate::Connection::memory). It receives no notices
//! of registrations, so it learns from its next registration that it was replaced. Its commands go to the registered
//! address, so the replaced instance receives none.
//!
//! # Threads
//!
//! Handlers run on their own threads. Registration and heartbeats continue even if handlers block all of these threads
//! for ever.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use varpulis_sdk::worker::WorkerService;
//! use varpulis_sdk::NatsOptions;
//! use varpulis_sdk::types::{ApiKey, WorkerId};
//! use varpulis_sdk::worker_node::WorkerNode;
//!
//! # async fn run(engine: impl WorkerService) -> Result<(), Box<dyn std::error::Error>> {
//! // The server may not be up yet.
//! let options = NatsOptions::new("nats://localhost:4222").wait(Duration::from_mins(10));
//! let connection = options.connect().await?;
//! let id = WorkerId::try_from("w0")?;
//! let node = WorkerNode::new(id, ApiKey::try_from("secret")?, engine);
//! let running = node.max_pipelines(10).start(&connection).await?;
//! println!("{:?}", running.health());
//! # let terminated = std::future::ready(());
//! terminated.await;
//! running.drain().await;
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod coordinator_probe;
mod drain;
mod error;
mod events;
mod handlers;
mod health;
mod health_source;
mod heartbeat;
mod in_flight;
mod links;
mod membership;
mod node;
#[cfg_attr(not(feature = "http"), path = "no_http.rs")]
mod over_http;
mod registrar;
mod registration_error;
mod running;
mod settings;

pub use self::error::WorkerNodeError;
pub use self::health::{WorkerHealth, WorkerNotReady, WorkerPhase};
pub use self::node::WorkerNode;
pub use self::registration_error::RegistrationError;
pub use self::running::RunningWorkerNode;
