//! Servers that refuse a request for now and name the time of the next attempt.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use natsgen_runtime::{
    CallOptions, Connection, Context, DedupOptions, MemoryBroker, Retry, ServeOptions,
};

use crate::fixture::{reply, request, shop};
use crate::protocol::{
    ClearReply, ClearRequest, FetchParams, FetchReply, FetchRequest, Mood, ShopClient, ShopServer,
    ShopService, Tool, WorkFault, WorkReply, WorkRequest,
};

const PAUSE: Duration = Duration::from_millis(300);

/// A workshop that refuses the first request.
#[derive(Clone, Default)]
struct Busy(Arc<AtomicU32>);

impl ShopService for Busy {
    async fn work(&self, context: &Context, request: WorkRequest) -> Result<WorkReply, WorkFault> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            context.retry_after(PAUSE);
            return Err(WorkFault::ClosedToday);
        }
        let product = request.name.into_inner().try_into().expect("a name");
        let mood = Mood::Good;
        Ok(WorkReply { product, mood })
    }

    async fn fetch(
        &self,
        _: &Context,
        _: FetchParams,
        _: FetchRequest,
    ) -> Result<FetchReply, Infallible> {
        unimplemented!("not called")
    }

    async fn clear(&self, _: &Context, _: ClearRequest) -> Result<ClearReply, Infallible> {
        unimplemented!("not called")
    }
}

#[tokio::test]
async fn retry_hint_of_the_server_delays_the_next_attempt() {
    for options in [
        ServeOptions::new(),
        ServeOptions::new().deduplicate(DedupOptions::new()),
    ] {
        let broker = MemoryBroker::new();
        let (own, service) = (Connection::over(broker.connect()), Busy::default());
        let server = ShopServer::new(service.clone()).options(options);
        let _server = server.start(&own, &shop()).await.unwrap();
        let client = ShopClient::new(&Connection::over(broker.connect()));
        let pauses = Duration::from_millis(1);
        let retry = Retry::new(2).pauses(pauses, pauses);
        let retrying = client.clone().options(CallOptions::new().retry(retry));
        let (shop, request) = (shop(), request("chair", Tool::Reply));
        let started = Instant::now();
        assert_eq!(retrying.work(&shop, &request).await, Ok(reply("chair")));
        assert!(started.elapsed() >= PAUSE, "{:?}", started.elapsed());
        assert_eq!(service.0.swap(0, Ordering::Relaxed), 2);
        // A call without retries gets the hint.
        let error = client.work(&shop, &request).await.unwrap_err();
        assert_eq!(error.fault(), Some(&WorkFault::ClosedToday));
        assert_eq!(error.retry_after, Some(PAUSE));
        assert!(error.is_retryable());
    }
}
