//! `varpulis-sdk coordinator` and `varpulis-sdk worker`, as whoever starts them sees them.

#![cfg(feature = "demo")]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use natsgen_runtime::test_server::NatsServer;
use serde_json::{Value, json};

/// More than anything takes that goes well.
const LIMIT: Duration = Duration::from_mins(1);

/// How often to look whether a process has ended.
const PAUSE: Duration = Duration::from_millis(5);

const SECRET: &str = "hunter2";

/// A directory that is gone when this is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-processes-{}-{number}", std::process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varpulis-sdk"));
    command.args(arguments).envs(environment.iter().copied());
    command
}

/// A process that prints how it is doing. Dropped, it is killed.
struct Process {
    child: Child,
    lines: Receiver<Value>,
}

impl Process {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command(arguments, environment);
        command.arg("--json");
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                let line = line.unwrap();
                let line = serde_json::from_str(&line).expect(&line);
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line like this.
    fn shows(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("never {what}, last: {last}");
            };
            if is_it(&line) {
                return line;
            }
            last = line;
        }
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").arg(pid).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended: how, and what it said of that.
    fn ended(&mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(PAUSE);
        };
        let mut said = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        (status, said)
    }

    fn ends_well(&mut self) {
        let (status, said) = self.ended();
        assert!(status.success(), "{status}: {said}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A coordinator of three, all else as the file says.
fn coordinator(directory: &Directory, server: &NatsServer, node: u64) -> Process {
    let config = json!({
        "nats": { "servers": server.url() },
        "coordinator": { "api_key": SECRET, "heartbeat_interval_secs": 1 },
        "raft": {
            "node_id": node,
            "members": [1, 2, 3],
            "store_path": directory.path(&format!("{node}.redb")),
            "heartbeat_ms": 100,
            "shortest_election_ms": 400,
            "longest_election_ms": 800,
        },
    });
    let file = directory.file(&format!("{node}.json"), config.to_string());
    Process::start(&["coordinator", "--config", &file], &[])
}

/// A worker that is set up by its environment alone.
fn worker(directory: &Directory, server: &NatsServer, id: &str) -> Process {
    let environment = [
        ("VARPULIS_NATS__SERVERS", server.url()),
        ("VARPULIS_WORKER__ID", id.to_owned()),
        (
            "VARPULIS_WORKER__API_KEY_FILE",
            directory.file("key", format!("{SECRET}\n")),
        ),
        ("VARPULIS_WORKER__REGISTRATION_PAUSE_MS", "100".to_owned()),
    ];
    let environment = environment
        .each_ref()
        .map(|(name, text)| (*name, text.as_str()));
    Process::start(&["worker"], &environment)
}

#[test]
fn a_cluster_goes_on_without_its_leader_and_stops_when_told() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let mut coordinators = [1, 2, 3].map(|node| coordinator(&directory, &server, node));
    let workers = ["w0", "w1"].map(|id| worker(&directory, &server, id));
    let is_complete = |line: &Value| line["ready"] == true && line["workers"]["ready"] == 2;
    let lines = coordinators
        .each_ref()
        .map(|running| running.shows("complete", is_complete));
    for worker in &workers {
        worker.shows("ready", |line| line["ready"] == true);
    }

    let leader = lines[2]["leader"].clone();
    let leading = usize::try_from(leader.as_u64().unwrap()).unwrap() - 1;
    coordinators[leading].child.kill().unwrap();
    for (index, running) in coordinators.iter().enumerate() {
        if index != leading {
            running.shows("led by another", |line| {
                line["leader"] != leader && is_complete(line)
            });
        }
    }
    coordinators[leading] = coordinator(&directory, &server, leader.as_u64().unwrap());
    coordinators[leading].shows("back", is_complete);

    let [mut w0, w1] = workers;
    w0.terminate();
    w0.ends_well();
    for running in &coordinators {
        running.shows("one less", |line| {
            line["workers"]["ready"] == 1 && line["workers"]["draining"] == 1
        });
    }
    drop(w1);
    for running in &mut coordinators {
        running.terminate();
        running.ends_well();
    }
}

#[test]
fn a_worker_that_is_replaced_says_so_and_stops() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let config = json!({
        "nats": { "servers": server.url() },
        "coordinator": { "api_key": SECRET },
        "raft": { "node_id": 1, "members": [1], "store_path": directory.path("store") },
    });
    let file = directory.file("config", config.to_string());
    let _coordinator = Process::start(&["coordinator", "--config", &file], &[]);
    let mut older = worker(&directory, &server, "w0");
    older.shows("ready", |line| line["ready"] == true);
    let newer = worker(&directory, &server, "w0");
    newer.shows("ready", |line| line["ready"] == true);
    let (status, said) = older.ended();
    assert_eq!(status.code(), Some(4), "{said}");
    assert!(
        said.contains("another worker has registered as w0"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_done_is_said_with_advice() {
    let directory = Directory::new();
    let check = |arguments: &[&str], environment: &[(&str, &str)], code: i32, parts: &[&str]| {
        let Output {
            status,
            stdout,
            stderr,
        } = command(arguments, environment).output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
        assert!(stdout.is_empty(), "{arguments:?}");
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
        assert!(!said.contains(SECRET), "{said}");
    };
    let config = |config: &Value| directory.file("config", config.to_string());
    let nats = json!({ "servers": "nats://ada:hunter2@127.0.0.1:1" });
    let file = config(&json!({ "nats": nats, "worker": { "id": "w0", "api_key": SECRET } }));
    check(
        &["worker", "--config", &file],
        &[],
        3,
        &["cannot connect to nats://127.0.0.1:1", "nats.wait_secs"],
    );
    check(
        &["worker", "--config", &file],
        &[("VARPULIS_WORKER__MAX_PIPELINES", SECRET)],
        2,
        &[
            "VARPULIS_WORKER__MAX_PIPELINES: expected an integer",
            "schema/types/config.json",
        ],
    );
    check(
        &["worker", "--config", &file],
        &[("VARPULIS_NATS__SERVERS", "http://ada:hunter2@h")],
        2,
        &[
            "a server's URL begins with nats://",
            "help: `nats.servers` is",
        ],
    );
    check(
        &["worker", "--config", &file],
        &[("VARPULIS_SERVICE_HOST", SECRET)],
        2,
        &[
            "VARPULIS_SERVICE_HOST sets no member",
            "help: `VARPULIS_` and `__`",
        ],
    );
    check(
        &["coordinator", "--config", &file],
        &[],
        2,
        &["has no `coordinator`", "VARPULIS_COORDINATOR__API_KEY"],
    );
    check(
        &["worker"],
        &[],
        2,
        &["expected a member `nats`", "`--config` names a file"],
    );
    check(
        &["worker", "--config", "/no/file"],
        &[],
        2,
        &["/no/file cannot be read"],
    );
    check(&["worker", "--confg", "x"], &[], 2, &["--config"]);
}

#[test]
fn settings_of_raft_that_contradict_each_other_are_refused() {
    let (directory, server) = (Directory::new(), NatsServer::start().unwrap());
    let check = |raft: (&str, &str), parts: &[&str]| {
        let (url, store) = (server.url(), directory.path("store"));
        let environment = [
            ("VARPULIS_NATS__SERVERS", url.as_str()),
            ("VARPULIS_COORDINATOR__API_KEY", SECRET),
            ("VARPULIS_RAFT__NODE_ID", "1"),
            ("VARPULIS_RAFT__STORE_PATH", &store),
            raft,
        ];
        let output = command(&["coordinator"], &environment).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
    };
    check(
        ("VARPULIS_RAFT__HEARTBEAT_MS", "2000"),
        &["help: `raft.heartbeat_ms` is less"],
    );
    check(
        ("VARPULIS_RAFT__MEMBERS", "[2, 3]"),
        &["help: `raft.members` has"],
    );
}

#[test]
fn help_has_examples() {
    for (role, parts) in [
        (
            "worker",
            ["--config", "VARPULIS_WORKER__ID=", "exit code 4"],
        ),
        (
            "coordinator",
            ["--config", "\"members\": [1, 2, 3]", "--features raft"],
        ),
    ] {
        let output = command(&[role, "--help"], &[]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
