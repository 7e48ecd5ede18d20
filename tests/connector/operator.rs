//! The events of an operator's week: restarts, other servers, slow readers and new configurations.

use std::fs;
use std::time::Duration;

use natsgen_testing::{JwtOperator, NatsCluster, NatsServer};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use varpulis_sdk::connector::{
    ConnectorError, Event, ManagedNatsConnector, NatsConfig, NatsSink, SourceOptions,
};
use varpulis_sdk::types::NatsCredentials;

use crate::support::{LIMIT, config, eventually, next, number, numbered};

/// Sends events until one arrives that was sent after the call.
async fn flows(sink: &NatsSink, events: &mut mpsc::Receiver<Event>, first: u64) {
    let end = Instant::now() + LIMIT;
    let mut index = first;
    loop {
        assert!(Instant::now() < end, "events flow again");
        // While the connection is away, a send may fail.
        let _ = sink.send(&numbered(index)).await;
        index += 1;
        sleep(Duration::from_millis(10)).await;
        while let Ok(event) = events.try_recv() {
            if number(&event) >= first {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operator_server_restart_is_survived_and_reported() {
    let mut server = NatsServer::start().unwrap();
    let connector = ManagedNatsConnector::new("week", config(&server, "in.a")).unwrap();
    let (sender, mut events) = mpsc::channel(1_000);
    let _task = connector
        .source(SourceOptions::new())
        .await
        .unwrap()
        .start(sender);
    let sink = connector.sink(None).await.unwrap();
    flows(&sink, &mut events, 0).await;
    server.kill();
    eventually("the loss is visible", || !connector.health().connected).await;
    sink.send(&numbered(1)).await.unwrap();
    server.restart().unwrap();
    flows(&sink, &mut events, 1_000).await;
    match sink.flush().await {
        Ok(()) | Err(ConnectorError::Unconfirmed { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    sink.flush().await.unwrap();
    let health = connector.health();
    assert!(health.connected);
    assert!(health.reconnects >= 1, "{health:?}");
    assert_eq!(
        health.last_error.unwrap(),
        "the connection to the NATS servers was lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operator_lost_server_of_a_cluster_moves_the_connector() {
    let mut cluster = NatsCluster::start(2).unwrap();
    let nats = varpulis_sdk::types::NatsConfig::new(cluster.url().try_into().unwrap());
    let mut config = NatsConfig::new(nats);
    config.subject = Some("in.a".try_into().unwrap());
    let connector = ManagedNatsConnector::new("route", config).unwrap();
    let (sender, mut events) = mpsc::channel(1_000);
    let _task = connector
        .source(SourceOptions::new())
        .await
        .unwrap()
        .start(sender);
    let sink = connector.sink(None).await.unwrap();
    for lost in [0, 1] {
        flows(&sink, &mut events, 1_000 * lost).await;
        cluster.kill(usize::try_from(lost).unwrap());
        flows(&sink, &mut events, 1_000 * lost + 500).await;
        cluster.restart(usize::try_from(lost).unwrap()).unwrap();
    }
    let health = connector.health();
    assert!(health.connected && health.reconnects >= 1, "{health:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operator_rotated_credentials_need_no_restart() {
    let mut operator = JwtOperator::new();
    let name = format!("varpulis-connector-{}.creds", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, operator.credentials(None, "connector", 0)).unwrap();
    let server = NatsServer::start_with(&operator.config()).unwrap();
    let mut config = config(&server, "in.a");
    let text = path.to_str().unwrap();
    config.nats.credentials = Some(NatsCredentials::CredentialsPath(text.try_into().unwrap()));
    let connector = ManagedNatsConnector::new("rotated", config).unwrap();
    let (sender, mut events) = mpsc::channel(1_000);
    let source = connector.source(SourceOptions::new()).await.unwrap();
    let _task = source.start(sender);
    let sink = connector.sink(None).await.unwrap();
    flows(&sink, &mut events, 0).await;
    operator.revoke_users();
    server.reload(&operator.config()).unwrap();
    eventually("the loss is visible", || !connector.health().connected).await;
    // Tokens of the same second are revoked, too.
    sleep(Duration::from_millis(1_100)).await;
    fs::write(&path, operator.credentials(None, "connector", 0)).unwrap();
    flows(&sink, &mut events, 1_000).await;
    fs::remove_file(&path).unwrap();
    let health = connector.health();
    assert!(health.connected && health.reconnects >= 1, "{health:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operator_new_configuration_keeps_sources_and_sinks() {
    let old = NatsServer::start().unwrap();
    let new = NatsServer::start().unwrap();
    let connector = ManagedNatsConnector::new("c", config(&old, "in.a")).unwrap();
    let mut source = connector.source(SourceOptions::new()).await.unwrap();
    let sink = connector.sink(None).await.unwrap();
    for index in 0..100 {
        sink.send(&numbered(index)).await.unwrap();
    }
    // A configuration that does not work changes nothing.
    let mut wrong = config(&new, "in.b");
    wrong.nats.servers = "nats://127.0.0.1:1".try_into().unwrap();
    let error = connector.reconfigure(wrong).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Connect(_)), "{error}");
    let mut wrong = config(&new, "in.b");
    wrong.nats.servers = "http://h".try_into().unwrap();
    let error = connector.reconfigure(wrong).await.unwrap_err();
    assert!(
        matches!(error, ConnectorError::BadSetting { .. }),
        "{error}"
    );
    connector.reconfigure(config(&new, "in.b")).await.unwrap();
    // The events of the old connection arrive before the events of the new connection.
    for index in 0..100 {
        assert_eq!(number(&next(&mut source).await), index);
    }
    let publisher = ManagedNatsConnector::new("p", config(&new, "in.b")).unwrap();
    let publisher = publisher.sink(None).await.unwrap();
    let mut index = 1_000;
    let taken = loop {
        publisher.send(&numbered(index)).await.unwrap();
        index += 1;
        if let Ok(Some(delivery)) =
            tokio::time::timeout(Duration::from_millis(20), source.next()).await
        {
            break number(&delivery.commit());
        }
    };
    assert!(
        taken >= 1_000,
        "the source reads the new subject on the new server"
    );
    sink.send(&numbered(5_000)).await.unwrap();
    while number(&next(&mut source).await) != 5_000 {}
    connector
        .drain(Duration::from_millis(100))
        .await
        .unwrap_err();
}
