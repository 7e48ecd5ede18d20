//! Coordinators: who is registered, how that is known, and what survives them.

mod failures;
mod offices;
mod registrations;
mod states;
mod strays;
