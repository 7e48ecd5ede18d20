//! Rules and formats, judged by tables of cases, by the official test suite and by another validator.

mod agreement;
mod formats;
mod keywords;
mod leaked;
mod references;
