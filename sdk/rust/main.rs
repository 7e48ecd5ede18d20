//! `cargo run`: a coordinator and two workers talk through the generated clients and servers, and every call is shown.

mod demo;

use std::process::ExitCode;

fn main() -> ExitCode {
    demo::run()
}
