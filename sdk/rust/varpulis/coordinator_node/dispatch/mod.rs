//! Deployments: where pipelines run, how they are kept running, and how commands reach them.
//!
//! - A *deployment* is the registry's record of a pipeline. The *registry writer* writes it.
//! - A *place* is a pipeline on a worker.
//! - A *reservation* is room for another pipeline on a worker. The *placement* chooses the worker, and the reservation
//!   is held until the deployment is written.
//! - The *worker state* says if the worker of a place still runs the instance that the pipeline was deployed on.
//! - A *lookup* finds the worker that runs a pipeline.
//! - The *dispatcher* holds the state that all commands share, and finishes a command even if its caller has gone.
//! - The *reconciler* deploys pipelines again.
//!
//! # Guarantees
//! Each step of a deployment is written before the next step begins, as a version that replaces a certain other
//! version. If several coordinators change a deployment at the same time, only a single change succeeds, even if two
//! coordinators think that they are the leader. The other coordinators notice the conflict before they send a command
//! to a worker, or undeploy the pipeline that they have deployed.
//!
//! | A coordinator fails or loses the registry | State in the registry | Result |
//! | --- | --- | --- |
//! | before the first write | nothing, or `deploying` | the name is free, or the leader marks it `uncertain` |
//! | before the command is sent | `deploying` | `uncertain`; it does not run |
//! | before the worker replies | `deploying` | `uncertain`; it may run |
//! | after the worker refused | `deploying` | undone in the background; `uncertain` if the coordinator fails |
//! | after the worker accepted | `deploying` | written in the background, else undeployed; `uncertain` if it fails |
//! | while a pipeline is moved | the same, with `left` | as above; undeployed at its old place, if that returns |
//!
//! - [`deploy`](super::RunningCoordinatorNode::deploy) tries another worker only if the worker before has certainly not
//!   executed the command. It never starts a pipeline twice.
//! - An `uncertain` deployment keeps its name. The reconciler deploys it again only after another instance of its
//!   worker sent a heartbeat, or the worker was removed.
//! - The reconciler deploys pipelines of a silent worker again, on another instance, and records the old place in
//!   `left`. A worker that was only disconnected runs them as well until its heartbeats return.
//!
//! # Exceptions
//! A command names a worker, not an instance. If a worker is replaced between the choice and the reply, the new
//! instance may start the pipeline. A coordinator that knows the new instance by then undeploys it there. A coordinator
//! that does not know it, or fails before, leaves a record for the old instance. Then the reconciler deploys the
//! pipeline again, and the copy in the new instance is not stopped.

mod deploy;
mod deployment;
mod dispatcher;
mod error;
mod lookup;
mod lost_pipelines;
mod outcome;
mod placement;
mod reconciler;
mod registry_writer;
mod reservation;
mod search;
mod undeploy;
mod worker_state;

pub(super) use self::deploy::Deploying;
pub(super) use self::dispatcher::Dispatcher;
pub use self::error::DispatchError;
pub use self::placement::Placement;
pub(super) use self::reconciler::Reconciler;
