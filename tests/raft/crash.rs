//! A node process is killed while it writes, or its disk is full. Committed commands are present afterwards.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use natsgen_runtime::Connection;
use varpulis_sdk::replica::{Metrics, Replica, ReplicaOptions};

use crate::cluster::{Folder, address, deploy, node};

/// The environment variable with the path of the store. Set only in the child process.
const STORE: &str = "VARPULIS_RAFT_CRASH_STORE";

const NODE: u64 = 1;

async fn lead(path: &Path) -> Replica {
    let options = ReplicaOptions::new(node(NODE), path)
        .heartbeat(Duration::from_millis(50))
        .election(Duration::from_millis(100), Duration::from_millis(200))
        .snapshot_after(30);
    let replica = Replica::start(options, &Connection::memory())
        .await
        .unwrap();
    // Fails in later runs, when the cluster exists already.
    let _ = replica
        .initialize([(node(NODE), address(NODE))].into())
        .await;
    let leads = |metrics: &Metrics| metrics.current_leader == Some(NODE);
    replica.metrics().wait_for(leads).await.unwrap();
    replica
}

async fn groups(replica: &Replica) -> usize {
    let groups = replica.current(|registry| registry.groups().len());
    groups.await.unwrap()
}

/// A process that writes commands until it is killed or a write fails, and prints each committed command.
struct Writer {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    /// Starts a writer whose files may have at most `blocks` blocks of 512 bytes.
    fn start(store: &Path, blocks: &str) -> Self {
        // With the signal ignored, the write itself fails.
        let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
        let mut process = Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "crash::writer", "--nocapture"])
            .env(STORE, store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, output }
    }

    /// The next line about the store; `None` once the process has ended.
    fn next(&mut self) -> Option<String> {
        let mut lines = self.output.by_ref().map_while(Result::ok);
        lines.find(|line| line.starts_with("committed ") || line.starts_with("stopped "))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Errors mean that the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of a [`Writer`]; does nothing in other processes.
#[tokio::test(flavor = "multi_thread")]
async fn writer() {
    let Some(store) = std::env::var_os(STORE) else {
        return;
    };
    let replica = lead(Path::new(&store)).await;
    let mut number = groups(&replica).await;
    let error = loop {
        match replica.write(deploy(&format!("g{number}"), 200)).await {
            Ok(_) => println!("\ncommitted {number}"),
            Err(error) => break error,
        }
        number += 1;
    };
    let failure = replica.stopped().await;
    println!("\nstopped {error} | {failure}");
    replica.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_by_kill_9_keeps_committed_commands() {
    let folder = Folder::new();
    let store = folder.0.join("store");
    let mut committed = 0;
    for run in 0..8 {
        let mut writer = Writer::start(&store, "unlimited");
        // Each run ends at another distance from the last snapshot.
        for _ in 0..13 + 7 * run {
            let line = writer.next();
            assert_eq!(line, Some(format!("committed {committed}")), "run {run}");
            committed += 1;
        }
        drop(writer);
        let replica = lead(&store).await;
        let found = groups(&replica).await;
        assert!(
            found >= committed,
            "run {run}: {committed} committed, {found} found"
        );
        committed = found;
        replica.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_stops_the_node_and_keeps_committed_commands() {
    let folder = Folder::new();
    let store = folder.0.join("store");
    let mut writer = Writer::start(&store, "4096");
    let mut committed = 0;
    let last = loop {
        let line = writer.next().expect("a last line of the writer");
        if line != format!("committed {committed}") {
            break line;
        }
        committed += 1;
    };
    assert!(
        committed > 0 && last.starts_with("stopped "),
        "{committed} {last}"
    );
    // The write or a concurrent snapshot meets the limit. The other meets a failed database.
    let is_reported = last.contains("File too large") || last.contains("Previous I/O error");
    assert!(is_reported, "{last}");
    assert_eq!(writer.next(), None, "the process ends gracefully");
    drop(writer);
    let replica = lead(&store).await;
    let found = groups(&replica).await;
    assert!(found >= committed, "{committed} committed, {found} found");
    replica.shutdown().await;
}
