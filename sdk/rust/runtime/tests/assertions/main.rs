//! Assertions and formats, validated by tables of cases, by the official test suite and by another validator.

mod agreement;
mod combinations;
mod containers;
mod formats;
mod references;
mod scalars;
mod schema;
mod table;
