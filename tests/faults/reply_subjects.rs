//! A sender of requests may name any reply subject. A reply must not become a command of another peer.

use natsgen_testing::NatsServer;

use super::{connect_raw, publish, trivial, w1, worker_and_client};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_without_inbox_reply_is_ignored() {
    let server = NatsServer::start().expect("a server");
    let (worker, serving, client) = worker_and_client(&server).await;
    let raw = connect_raw(&server).await;
    let (subject, payload) = (
        "varpulis.cluster.cmd.w1.deploy",
        r#"{"name":"n","source":""}"#,
    );
    let stolen = [
        Some("varpulis.cluster.cmd.w1.drain"),
        Some("varpulis.cluster.register"),
        Some("varpulis.cluster.raft.1.vote"),
        Some("inbox.1"),
        None,
    ];
    for reply in stolen {
        publish(&raw, subject, reply, &[], payload).await;
        // Unreadable and unknown requests get no reply there either.
        publish(&raw, subject, reply, &[], "no JSON").await;
        publish(&raw, "varpulis.cluster.cmd.w1.none", reply, &[], "{}").await;
    }
    // Sent on the same connection, so it arrives after the other messages.
    super::raw_request(&raw, "varpulis.cluster.cmd.w1.drain", &[], "{}").await;
    client.drain(&w1(), &trivial()).await.expect("an answer");
    assert_eq!(worker.begun(), 2);
    let stats = serving.shutdown().await;
    assert_eq!((stats.ignored, stats.answered, stats.invalid), (15, 2, 0));
}
