//! A process is killed while it writes, or its disk is full; what it said was committed is there afterwards.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use natsgen_runtime::Connection;
use varpulis_sdk::replica::{Metrics, Replica, ReplicaOptions};

use crate::cluster::{Folder, address, deploy, node};

/// Where the child finds its store; set in the child only.
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
    // Harmless in every life but the first.
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

/// A process that writes until it is killed or cannot, and says of each command that it is committed.
struct Writer {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    /// Starts one whose files may have so many blocks of 512 bytes at most.
    fn start(store: &Path, blocks: &str) -> Self {
        // Ignored, the signal becomes an error of whoever writes.
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
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, said }
    }

    /// What it said next, if it was about its store; none once it has ended.
    fn next(&mut self) -> Option<String> {
        let mut said = self.said.by_ref().map_while(Result::ok);
        said.find(|line| line.starts_with("committed ") || line.starts_with("stopped "))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Errors say that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a [`Writer`] runs; nothing in a process that is none.
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
async fn what_was_committed_survives_kill_9() {
    let folder = Folder::new();
    let store = folder.0.join("store");
    let mut committed = 0;
    for life in 0..8 {
        let mut writer = Writer::start(&store, "unlimited");
        // Each life ends at another place of the way from one snapshot to the next.
        for _ in 0..13 + 7 * life {
            let said = writer.next();
            assert_eq!(said, Some(format!("committed {committed}")), "life {life}");
            committed += 1;
        }
        drop(writer);
        let replica = lead(&store).await;
        let found = groups(&replica).await;
        assert!(
            found >= committed,
            "life {life}: {committed} committed, {found} found"
        );
        committed = found;
        replica.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_node_and_loses_nothing() {
    let folder = Folder::new();
    let store = folder.0.join("store");
    let mut writer = Writer::start(&store, "4096");
    let mut committed = 0;
    let last = loop {
        let said = writer.next().expect("the writer says why it stops");
        if said != format!("committed {committed}") {
            break said;
        }
        committed += 1;
    };
    assert!(
        committed > 0 && last.starts_with("stopped "),
        "{committed} {last}"
    );
    // A write or the snapshot beside it: one of them meets the limit, and the other a database that has failed.
    let is_told = last.contains("File too large") || last.contains("Previous I/O error");
    assert!(is_told, "{last}");
    assert_eq!(writer.next(), None, "and ends in good order");
    drop(writer);
    let replica = lead(&store).await;
    let found = groups(&replica).await;
    assert!(found >= committed, "{committed} committed, {found} found");
    replica.shutdown().await;
}
