//! The short form of all scenarios, as `cargo test` runs it.

use std::process::Command;

#[test]
fn bad_days_in_short_break_no_promise() {
    let mut chaos = Command::new(env!("CARGO_BIN_EXE_chaos"));
    let output = chaos.arg("--short").output().expect("it runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", output.status);
}
