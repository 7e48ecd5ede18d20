//! Rules and formats, judged by tables of cases, by the official test suite and by another validator.

mod formats;
mod keywords;
mod references;
