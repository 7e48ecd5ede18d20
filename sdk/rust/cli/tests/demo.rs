//! `cargo run`: the scenario over every transport and in both formats.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use natsgen_testing::NatsServer;
use serde_json::Value;

/// The expected number of each call and event, by operation and outcome.
const EXPECTED: [(&str, u64); 15] = [
    ("checkpoint ok", 2),
    ("deploy ok", 3),
    ("deploy refused pipeline_parse", 1),
    ("drain ok", 1),
    ("heartbeat published", 3),
    ("inject not_delivered", 1),
    ("inject ok", 2),
    ("inject refused pipeline_not_found", 1),
    ("inject refused worker_draining", 1),
    ("inject_batch ok", 1),
    ("pipeline_event published", 3),
    ("register ok", 3),
    ("restore ok", 1),
    ("summary", 1),
    ("undeploy ok", 1),
];

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varpulis"));
    command
        .args(arguments)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
        .envs(environment.iter().copied())
        .output()
        .expect("it can be started")
}

/// The output of a successful run with an empty standard error.
fn printed(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = run(arguments, environment);
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {status}\n{stderr}");
    String::from_utf8(stdout).expect("it prints text")
}

fn lines(arguments: &[&str]) -> Vec<Value> {
    let text = printed(arguments, &[]);
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// Checks that the whole scenario is reported, under `prefix`, with sizes and latencies.
fn check_lines(arguments: &[&str], transport: &str, prefix: &str) {
    let lines = lines(arguments);
    assert_eq!(lines[0]["kind"], "start");
    assert_eq!(lines[0]["transport"], transport);
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for line in &lines[1..] {
        let texts = ["operation", "outcome", "code"]
            .iter()
            .filter_map(|key| line[*key].as_str());
        let texts: Vec<_> = texts.collect();
        let name = if texts.is_empty() {
            "summary".to_owned()
        } else {
            texts.join(" ")
        };
        if line["kind"] == "summary" {
            assert_eq!(line["ok"], true, "{line}");
        } else {
            let subject = line["subject"].as_str().expect("each has a subject");
            assert!(subject.starts_with(&format!("{prefix}.")), "{line}");
            assert!(line["request_bytes"].as_u64() > Some(1), "{line}");
        }
        if line["kind"] == "call" {
            assert!(line["latency_us"].is_u64(), "{line}");
            assert_eq!(
                line["reply_bytes"].is_null(),
                line["outcome"] == "not_delivered",
                "{line}"
            );
        }
        *seen.entry(name).or_default() += 1;
    }
    // On a slow machine the workers send more heartbeats and registrations.
    for name in ["heartbeat published", "register ok"] {
        let times = seen.entry(name.to_owned()).or_default();
        *times = 3.min(*times);
    }
    let expected = EXPECTED.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(seen, BTreeMap::from(expected), "{arguments:?}");
}

#[test]
fn demo_json_reports_every_call() {
    check_lines(&["--json"], "memory", "varpulis.cluster");
    check_lines(&["--json", "--prefix", "acme.two"], "memory", "acme.two");
}

#[test]
fn demo_spawn_nats_starts_a_server() {
    check_lines(&["--json", "--spawn-nats"], "nats", "varpulis.cluster");
}

#[test]
fn demo_existing_server_gets_its_own_prefix() {
    let server = NatsServer::start().expect("a nats-server");
    check_lines(
        &["--json", "--nats", &server.url()],
        "nats",
        "varpulis.demo",
    );
}

#[test]
fn demo_table_has_aligned_columns() {
    let text = printed(&[], &[]);
    let find = |start: &str| {
        let line = text.lines().find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no line starts with {start:?}:\n{text}"))
    };
    let header = find("  operation");
    let column = |line: &str, at: usize| line.chars().skip(at).collect::<String>();
    let outcome = header.find("outcome").expect("the last column");
    for (start, expected) in [
        ("✓ register ", "alpha is registered, heartbeat every 5 s"),
        (
            "✗ deploy ",
            "pipeline_parse: Line 1, column 12: Expected `=`",
        ),
        ("→ pipeline_event ", "processed by beta"),
        ("✓ inject_batch ", "4 processed, 0 failed; 2 output events"),
        ("✓ restore ", "restored from the checkpoint"),
        (
            "✗ inject         cmd.alpha.inject             116 B     55 B",
            "worker_draining",
        ),
        (
            "✗ inject         cmd.alpha.inject             116 B        –",
            "not delivered: no responders",
        ),
    ] {
        assert_eq!(column(find(start), outcome), expected, "{text}");
    }
    assert!(
        find("All as expected: ").contains(" ok, 4 failed)"),
        "{text}"
    );
}

#[test]
fn demo_colours_follow_terminal_and_environment() {
    let check = |environment: &[(&str, &str)], expected: bool| {
        let text = printed(&[], environment);
        assert_eq!(text.contains('\x1b'), expected, "{environment:?}");
    };
    check(&[], false);
    check(&[("CLICOLOR_FORCE", "1")], true);
    check(&[("NO_COLOR", "1")], false);
}

#[test]
fn demo_errors_have_advice() {
    let check = |arguments: &[&str], environment: &[(&str, &str)], code: i32, expected: &[&str]| {
        let Output {
            status,
            stdout,
            stderr,
        } = run(arguments, environment);
        let stderr = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stdout.is_empty(), "a failed start prints nothing");
        for part in expected {
            assert!(stderr.contains(part), "{part:?} is not in {stderr}");
        }
        assert!(!stderr.contains("secret"), "{stderr}");
    };
    let no_server = ["--nats", "nats://user:secret@127.0.0.1:1"];
    check(
        &no_server,
        &[],
        3,
        &[
            "cannot connect to nats://127.0.0.1:1",
            "help: start a NATS server there",
        ],
    );
    check(
        &["--nats", "nats://a:b:c"],
        &[],
        3,
        &["help: a URL looks like"],
    );
    let missing = [("NATS_SERVER", "/no/such/server")];
    check(
        &["--spawn-nats"],
        &missing,
        3,
        &["/no/such/server", "help: omit `--spawn-nats`"],
    );
    check(
        &["--spawn-nats", "--nats", "x"],
        &[],
        2,
        &["cannot be used with"],
    );
    check(&["--prefix", "a.*"], &[], 2, &["--prefix"]);
}

#[test]
fn demo_help_has_examples_and_exit_codes() {
    let text = printed(&["--help"], &[]);
    for part in [
        "--spawn-nats",
        "cargo run -q -- --json | jq",
        "Exit codes: 0 success",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}
