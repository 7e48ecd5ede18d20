//! Processes that stop: on signals, with a NATS server that is stalled or gone, and with a wrong API key.

use std::time::{Duration, Instant};

use natsgen_testing::NatsServer;

use super::process::{Directory, Process};
use super::{single_config, single_coordinator, worker};

/// The drain limit of one second, the five seconds of the worker, and the delays of a busy machine.
const WORKER_LIMIT: Duration = Duration::from_secs(12);

const DRAIN_LIMIT: (&str, &str) = ("VARPULIS_WORKER__DRAIN_LIMIT_SECS", "1");

/// Sends a signal and waits for the end. Returns the exit code and the duration.
fn stop(process: &mut Process, signal: &str) -> (Option<i32>, Duration) {
    let started = Instant::now();
    process.signal(signal);
    let (status, _) = process.ended();
    (status.code(), started.elapsed())
}

#[test]
fn process_stops_in_time_while_nats_is_stalled_or_gone() {
    for is_stalled in [true, false] {
        let (directory, mut server) = (Directory::new(), NatsServer::start().unwrap());
        let mut coordinator = single_coordinator(
            &directory,
            &server,
            &[("VARPULIS_COORDINATOR__DRAIN_LIMIT_SECS", "1")],
        );
        let mut worker = worker(&directory, &server, "w0", &[DRAIN_LIMIT]);
        worker.wait_for("ready", |line| line["ready"] == true);
        if is_stalled {
            server.pause().unwrap();
        } else {
            server.kill();
        }
        let (_, elapsed) = stop(&mut worker, "TERM");
        assert!(elapsed < WORKER_LIMIT, "{elapsed:?}, stalled: {is_stalled}");
        let (_, elapsed) = stop(&mut coordinator, "TERM");
        assert!(
            elapsed < WORKER_LIMIT * 2,
            "{elapsed:?}, stalled: {is_stalled}"
        );
        if is_stalled {
            server.resume().unwrap();
        }
    }
}

#[test]
fn process_drains_on_sighup() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let mut coordinator = single_coordinator(&directory, &server, &[]);
    let mut worker = worker(&directory, &server, "w0", &[]);
    worker.wait_for("ready", |line| line["ready"] == true);
    let (code, _) = stop(&mut worker, "HUP");
    assert_eq!(code, Some(0));
    coordinator.wait_for("it drained", |line| line["workers"]["draining"] == 1);
    let (code, _) = stop(&mut coordinator, "HUP");
    assert_eq!(code, Some(0));
}

/// The command `nohup` starts a process that ignores the signal.
#[test]
fn process_that_ignores_sighup_continues() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let file = single_config(&directory, &server);
    let arguments = ["coordinator", "--config", &file];
    let mut coordinator = Process::start_after("trap '' HUP", &arguments);
    coordinator.wait_for("ready", |line| line["ready"] == true);
    coordinator.signal("HUP");
    coordinator.wait_for("still ready", |line| line["ready"] == true);
    let (code, _) = stop(&mut coordinator, "TERM");
    assert_eq!(code, Some(0));
}

#[test]
fn worker_with_wrong_api_key_exits_with_code_5() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let keys = ("VARPULIS_COORDINATOR__WORKER_KEYS", r#"{"w0":"another"}"#);
    let coordinator = single_coordinator(&directory, &server, &[keys]);
    coordinator.wait_for("ready", |line| line["ready"] == true);
    let attempts = ("VARPULIS_WORKER__API_KEY_ATTEMPTS", "3");
    let mut worker = worker(&directory, &server, "w0", &[attempts]);
    let (status, stderr) = worker.ended();
    assert_eq!(status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("refuse the API key of w0"), "{stderr}");
    assert!(stderr.contains("worker_keys"), "{stderr}");
}
