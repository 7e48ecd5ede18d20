//! A process is killed while it writes; what it said was committed is there afterwards.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use natsgen_runtime::Connection;
use varpulis_sdk::replica::{Metrics, Replica, ReplicaOptions};
use varpulis_sdk::types::NodeId;

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
    let _ = replica.found([(node(NODE), address(NODE))].into()).await;
    let leads = |metrics: &Metrics| metrics.current_leader == Some(NodeId::get(&node(NODE)));
    replica.metrics().wait_for(leads).await.unwrap();
    replica
}

/// The child: writes for ever, and says of each command that it is committed.
async fn write_until_killed(path: &Path) {
    let replica = lead(path).await;
    let written = replica
        .current(|registry| registry.groups().len())
        .await
        .unwrap();
    for number in written.. {
        replica
            .write(deploy(&format!("g{number}"), 200))
            .await
            .unwrap();
        println!("\ncommitted {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_survives_kill_9() {
    if let Some(path) = std::env::var_os(STORE) {
        return write_until_killed(Path::new(&path)).await;
    }
    let folder = Folder::new();
    let store = folder.0.join("store");
    let mut committed = 0;
    for life in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::what_was_committed_survives_kill_9",
                "--nocapture",
            ])
            .env(STORE, &store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.map_while(Result::ok).filter_map(|line| {
            let number = line.strip_prefix("committed ")?;
            number.parse::<usize>().ok()
        });
        // Each life ends at another place of the way from one snapshot to the next.
        for number in numbers.take(13 + 7 * life) {
            assert_eq!(number, committed, "life {life}");
            committed += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let replica = lead(&store).await;
        let found = replica
            .current(|registry| registry.groups().len())
            .await
            .unwrap();
        assert!(
            found >= committed,
            "life {life}: {committed} committed, {found} found"
        );
        committed = found;
        replica.shutdown().await;
    }
    assert!(committed >= 8 * 13, "{committed}");
}
