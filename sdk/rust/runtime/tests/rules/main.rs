//! Rules and formats, judged by tables of cases, by the official test suite and by another validator.

mod agreement;
mod combinations;
mod containers;
mod formats;
mod leaked;
mod references;
mod scalars;
mod table;
