//! The short form of all scenarios, for `cargo test`.

use std::process::Command;

#[test]
fn scenarios_short_form_has_no_violation() {
    let mut chaos = Command::new(env!("CARGO_BIN_EXE_chaos"));
    let output = chaos.arg("--short").output().expect("chaos runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", output.status);
}
