//! Pipelines: where they are deployed, kept running and reached.
//!
//! A *deployment* is what the registry says of one pipeline, the *ledger* has it written there. A *place* is a pipeline on
//! a worker; a *seat* is room for one more there, chosen by the *placement* and held until it is written down; a *home* is
//! what became of the worker of a place, a *route* leads to where a pipeline runs. The *dispatcher* is what all commands
//! share, and what does not end with its caller.
//!
//! # What holds
//! Each step of deploying is written down before the next, as a version that replaces a certain other. So of all who change
//! a deployment at once, coordinators that both think they lead among them, one does; the others are told so before they
//! have told a worker, or stop what they have begun.
//!
//! | A coordinator ends, or has no registry | What is known | What comes of it |
//! | --- | --- | --- |
//! | before the first is written | nothing, or `deploying` | the name is free, or the leader has it `uncertain` |
//! | before the worker is told | `deploying` | `uncertain`, and it runs nowhere |
//! | before the worker answers | `deploying` | `uncertain`, and it may run |
//! | after the worker refused | `deploying` | taken back in the background; `uncertain` if the coordinator ends |
//! | after the worker runs it | `deploying` | written in the background, else stopped; if it ends, `uncertain` |
//! | while a pipeline is moved | the same, with `left` | as above; where it was, it is stopped when that worker is heard |
//!
//! * [`deploy`](super::RunningCoordinatorNode::deploy) goes on to another worker only if the one before has certainly not
//!   done it. It never begins a pipeline twice.
//! * What is `uncertain` keeps its name. Nobody begins it again while its worker may run it; [`keep`] does when another
//!   instance of the worker is heard, or the worker was taken out.
//! * [`keep`] does begin what ran on a silent worker again, on another instance than that one, and writes down where it was
//!   (`left`): a worker that was only cut off runs it, too, until it is heard again.
//!
//! What does not hold: a command names a worker, not an instance. A worker that is replaced between the choice and the
//! answer may begin a pipeline in the new instance. A coordinator that knows of that instance by then has it stopped there.
//! One that does not, or ends before, leaves it written down for the old one: [`keep`] begins it again, and nobody stops it.

mod commands;
mod deploy;
mod deployment;
mod dispatcher;
mod error;
mod home;
mod keep;
mod ledger;
mod outcome;
mod placement;
mod route;
mod seats;
mod undeploy;

pub(super) use self::dispatcher::Dispatcher;
pub use self::error::DispatchError;
pub(super) use self::keep::Keeper;
pub use self::placement::Placement;
