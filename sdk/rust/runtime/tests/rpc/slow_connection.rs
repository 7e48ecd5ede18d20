//! A server whose connection takes no replies.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::transport::{
    BoxFuture, Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};
use natsgen_runtime::{Connection, MemoryBroker, MemoryTransport, ServeOptions};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use crate::fixture::{TEST_TIMEOUT, Workshop, request, shop};
use crate::protocol::{ShopClient, ShopServer, Tool};

/// A transport that publishes a message only with a permit.
#[derive(Debug)]
struct Slow {
    transport: MemoryTransport,
    permits: Arc<Semaphore>,
}

impl Transport for Slow {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            // Without permits, the semaphore is closed at the end of the test.
            let _permit = self.permits.acquire().await;
            self.transport.publish(message).await
        })
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        self.transport.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.transport.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        self.transport.inbox_prefix()
    }

    fn is_connected(&self) -> bool {
        self.transport.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.transport.events()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.transport.close()
    }
}

#[tokio::test]
async fn requests_wait_while_the_connection_takes_no_replies() {
    const CALLS: usize = 100;
    let broker = MemoryBroker::new();
    let permits = Arc::new(Semaphore::new(1_000));
    let slow = Slow {
        transport: broker.connect(),
        permits: Arc::clone(&permits),
    };
    let workshop = Workshop::default();
    let recorder = Arc::clone(&workshop.recorder);
    let server = ShopServer::new(workshop)
        .options(ServeOptions::new().bytes(1_000_000))
        .start(&Connection::over(slow), &shop())
        .await
        .unwrap();
    let client = ShopClient::new(&Connection::over(broker.connect()));
    let taken = permits.acquire_many(1_000).await.unwrap();
    // Each reply has 100,000 bytes.
    let name = "x".repeat(100_000);
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (client, request) = (client.clone(), request(&name, Tool::Reply));
            tokio::spawn(async move { client.work(&shop(), &request).await })
        })
        .collect();
    let settled = async {
        while server.stats().refused == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        sleep(Duration::from_millis(100)).await;
    };
    timeout(TEST_TIMEOUT, settled).await.unwrap();
    // A runner checks the limit before each request, and several runners may start one more.
    let begun = recorder.begun().len();
    assert!((8..20).contains(&begun), "{begun}");
    drop(taken);
    for call in calls {
        let called = timeout(TEST_TIMEOUT, call).await.unwrap().unwrap();
        assert!(called.is_ok() || called.is_err_and(|error| error.is_retryable()));
    }
    let stats = server.shutdown().await;
    assert_eq!(stats.answered + stats.refused, CALLS as u64, "{stats:?}");
}
