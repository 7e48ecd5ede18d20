//! Permissions that change at run time, over NATS.

use std::time::Duration;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{
    CallError, CallOptions, Connection, Failure, NatsOptions, NoAnswer, NotDelivered, Server,
};
use natsgen_testing::NatsServer;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::fixture::{Recorder, TEST_TIMEOUT, Workshop, reply, request, shop};
use crate::protocol::{ShopClient, ShopServer, Tool, WorkFault, WorkReply};

/// A configuration in which `client` may publish to `publish` and subscribe to `subscribe`.
fn config(publish: &str, subscribe: &str) -> String {
    format!(
        r#"authorization {{ users: [
            {{ user: "server", password: "s" }}
            {{ user: "client", password: "c", permissions: {{
                publish: [{publish}]
                subscribe: [{subscribe}]
                allow_responses: true
            }} }}
        ] }}"#
    )
}

const ALL: &str = r#"">""#;

async fn connect(server: &NatsServer, user: &str) -> Connection {
    let options = NatsOptions::new(&server.url()).user(user, &user[..1]);
    options.connect().await.unwrap()
}

/// Starts a workshop with its own connection.
async fn serve(server: &NatsServer, user: &str) -> (Server, std::sync::Arc<Recorder>, Connection) {
    let connection = connect(server, user).await;
    let workshop = Workshop::default();
    let recorder = std::sync::Arc::clone(&workshop.recorder);
    let service = ShopServer::new(workshop).start(&connection, &shop()).await;
    (service.unwrap(), recorder, connection)
}

type Worked = Result<WorkReply, CallError<WorkFault>>;

async fn work(client: &ShopClient, tool: Tool) -> Worked {
    timeout(TEST_TIMEOUT, client.work(&shop(), &request("x", tool)))
        .await
        .expect("a result in time")
}

/// Begins a call, and waits until its handler runs.
async fn begin(client: &ShopClient, recorder: &Recorder) -> JoinHandle<Worked> {
    let client = client.clone();
    let running = tokio::spawn(async move { work(&client, Tool::Never).await });
    recorder.wait_for("x").await;
    running
}

async fn wait_for(
    events: &mut UnboundedReceiver<TransportEvent>,
    is_expected: impl Fn(&TransportEvent) -> bool,
) {
    let found = async { while !is_expected(&events.recv().await.expect("an event")) {} };
    timeout(TEST_TIMEOUT, found)
        .await
        .expect("an event in time");
}

fn is_restored(event: &TransportEvent) -> bool {
    matches!(event, TransportEvent::SubscribeRestored(_))
}

#[tokio::test]
async fn revoked_subscription_is_reported_and_restored() {
    let server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let (service, _, connection) = serve(&server, "client").await;
    let client = ShopClient::new(&connect(&server, "server").await);
    assert_eq!(work(&client, Tool::Reply).await, Ok(reply("x")));
    assert_eq!(connection.denied(), [""; 0]);
    let mut events = connection.events();
    server.reload(&config(ALL, r#""_INBOX.>""#)).unwrap();
    let is_denied = |event: &TransportEvent| matches!(event, TransportEvent::SubscribeDenied(_));
    wait_for(&mut events, is_denied).await;
    assert_eq!(connection.denied(), ["test.workshop.shop.s1.>"]);
    let failure = work(&client, Tool::Reply).await.unwrap_err().failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::NoResponders));
    // Several attempts to repeat the subscription fail.
    sleep(Duration::from_secs(1)).await;
    assert_eq!(connection.denied(), ["test.workshop.shop.s1.>"]);
    server.reload(&config(ALL, ALL)).unwrap();
    wait_for(&mut events, is_restored).await;
    assert_eq!(connection.denied(), [""; 0]);
    assert_eq!(work(&client, Tool::Reply).await, Ok(reply("x")));
    service.shutdown().await;
}

#[tokio::test]
async fn revoked_subscription_of_an_isolated_connection_is_reported() {
    let server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let connection = connect(&server, "client").await;
    let isolated = connection.isolated().await;
    let service = ShopServer::new(Workshop::default())
        .start(&isolated, &shop())
        .await
        .unwrap();
    let mut events = isolated.events();
    server.reload(&config(ALL, r#""_INBOX.>""#)).unwrap();
    wait_for(&mut events, |_| !connection.denied().is_empty()).await;
    assert_eq!(connection.denied(), ["test.workshop.shop.s1.>"]);
    service.shutdown().await;
    assert_eq!(connection.denied(), [""; 0]);
}

#[tokio::test]
async fn revoked_subscription_is_restored_after_a_reconnect() {
    let mut server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let (_service, _, connection) = serve(&server, "client").await;
    let mut events = connection.events();
    server.reload(&config(ALL, r#""_INBOX.>""#)).unwrap();
    wait_for(&mut events, |_| !connection.denied().is_empty()).await;
    server.kill();
    server.reconfigure(&config(ALL, ALL)).unwrap();
    server.restart().unwrap();
    wait_for(&mut events, is_restored).await;
    assert_eq!(connection.denied(), [""; 0]);
    let client = ShopClient::new(&connect(&server, "server").await);
    assert_eq!(work(&client, Tool::Reply).await, Ok(reply("x")));
}

#[tokio::test]
async fn revoked_inbox_fails_calls_until_it_is_restored() {
    let server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let (_service, ..) = serve(&server, "server").await;
    let connection = connect(&server, "client").await;
    let client = ShopClient::new(&connection);
    assert_eq!(work(&client, Tool::Reply).await, Ok(reply("x")));
    let mut events = connection.events();
    server.reload(&config(ALL, r#""other""#)).unwrap();
    wait_for(&mut events, |_| !connection.denied().is_empty()).await;
    let failure = work(&client, Tool::Reply).await.unwrap_err().failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
    assert!(connection.denied()[0].starts_with("_INBOX."));
    server.reload(&config(ALL, ALL)).unwrap();
    wait_for(&mut events, is_restored).await;
    // The inbox handles the event in its own task.
    while work(&client, Tool::Reply).await.is_err() {
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn denied_publish_ends_no_call_that_was_accepted() {
    let server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let (_service, recorder, _) = serve(&server, "server").await;
    let client = ShopClient::new(&connect(&server, "client").await);
    let running = begin(&client, &recorder).await;
    // The replies prove that the server accepted the earlier call.
    for _ in 0..2 {
        assert_eq!(work(&client, Tool::Reply).await, Ok(reply("x")));
        sleep(Duration::from_millis(150)).await;
    }
    server.reload(&config(r#""_INBOX.>""#, ALL)).unwrap();
    let failure = work(&client, Tool::Reply).await.unwrap_err().failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
    recorder.release.notify_one();
    assert_eq!(running.await.unwrap(), Ok(reply("x")));
}

#[tokio::test]
async fn denied_publish_with_several_candidates_is_unknown() {
    let server = NatsServer::start_with(&config(ALL, ALL)).unwrap();
    let (_service, recorder, _) = serve(&server, "server").await;
    let client = ShopClient::new(&connect(&server, "client").await);
    let running = begin(&client, &recorder).await;
    server.reload(&config(r#""_INBOX.>""#, ALL)).unwrap();
    let unknown = Failure::NoAnswer(NoAnswer::PerhapsDenied);
    let failure = work(&client, Tool::Reply).await.unwrap_err().failure;
    assert_eq!(failure, unknown);
    assert_eq!(running.await.unwrap().unwrap_err().failure, unknown);
    // Now no earlier call is pending.
    let failure = work(&client, Tool::Reply).await.unwrap_err().failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
}

#[tokio::test]
async fn denied_publishes_of_many_calls_are_all_certain() {
    let server = NatsServer::start_with(&config(r#""_INBOX.>""#, ALL)).unwrap();
    let connection = connect(&server, "client").await;
    assert!(connection.flush().await);
    let options = CallOptions::new().timeout(TEST_TIMEOUT);
    let client = ShopClient::new(&connection).options(options);
    for _ in 0..3 {
        let calls = (0..64).map(|_| work(&client, Tool::Reply));
        for called in futures_util::future::join_all(calls).await {
            let failure = called.unwrap_err().failure;
            assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
        }
    }
}
