//! Coordinators: registrations, worker status, and failures.

mod failures;
mod fixture;
mod registrations;
mod states;
mod unknown_workers;
