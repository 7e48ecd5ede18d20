//! Coordinators: registrations, worker status, and failures.

mod failures;
mod fixture;
mod instances;
mod registrations;
mod states;
mod unknown_workers;
