//! The short form of all scenarios, for `cargo test`.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Scenarios run in sequence, because each uses all cores of a small machine.
static TURN: Mutex<()> = Mutex::new(());

fn run(scenarios: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut chaos = Command::new(env!("CARGO_BIN_EXE_chaos"));
    let output = chaos
        .args([scenarios, "--short"])
        .output()
        .expect("chaos runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", output.status);
}

#[test]
fn scenarios_short_form_has_no_violation() {
    run("faults");
}

#[test]
fn byzantine_peer_without_credentials_does_no_damage() {
    run("byzantine_lite");
}

#[test]
fn clock_jumps_of_all_nodes_do_no_damage() {
    run("clock_jumps");
}

#[test]
fn false_snapshots_change_no_registry() {
    run("snapshot_attack");
}

#[test]
fn forged_registrations_and_notices_end_no_worker() {
    run("forged_workers");
}

#[test]
fn gateway_and_leaf_node_cuts_lose_nothing() {
    run("gateways");
}

#[test]
fn heartbeat_flood_keeps_the_memory_budget() {
    run("heartbeat_flood");
}

#[test]
fn malformed_frames_lose_no_node_and_no_command() {
    run("malformed_frames");
}

#[test]
fn reads_in_bulk_do_not_fail() {
    run("read_storm");
}

#[test]
fn server_loss_of_one_in_three_loses_nothing() {
    run("server_loss");
}

#[test]
fn stuck_pipeline_leaves_the_worker_usable() {
    run("stuck_pipeline");
}

#[test]
fn suspended_processes_lose_nothing() {
    run("suspend");
}
