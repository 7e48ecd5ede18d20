//! Whoever may send requests may name any reply subject. An answer must not become somebody's command.

use natsgen_testing::NatsServer;

use super::{connect_raw, peers, publish, trivial, w1};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_inbox_to_answer_to_is_neither_executed_nor_answered() {
    let server = NatsServer::start().expect("a server");
    let (worker, serving, client) = peers(&server).await;
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
        // What cannot be read, or is not there, is not answered there either.
        publish(&raw, subject, reply, &[], "no JSON").await;
        publish(&raw, "varpulis.cluster.cmd.w1.none", reply, &[], "{}").await;
    }
    // On the same connection, so behind them.
    super::ask(&raw, "varpulis.cluster.cmd.w1.drain", &[], "{}").await;
    client.drain(&w1(), &trivial()).await.expect("an answer");
    assert_eq!(worker.begun(), 2);
    let stats = serving.shutdown().await;
    assert_eq!((stats.ignored, stats.answered, stats.invalid), (15, 2, 0));
}
