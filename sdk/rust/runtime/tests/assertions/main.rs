//! Assertions and formats, tested with tables of cases, the official test suite and another validator.

mod agreement;
mod combinations;
mod containers;
mod formats;
mod references;
mod scalars;
mod schema;
mod table;
