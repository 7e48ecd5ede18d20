//! A service whose requests select the behaviour of its handler, and the fixture of the tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use natsgen_runtime::transport::{Message, Subscriber, Transport};
use natsgen_runtime::{
    Connection, Context, Limited, MemoryBroker, MemoryTransport, Millis, ServeOptions, Server,
};
use tokio::sync::Notify;

use crate::protocol::{
    ClearReply, ClearRequest, FetchParams, FetchReply, FetchRequest, Mood, ShopClient, ShopId,
    ShopServer, ShopService, Tool, WorkFault, WorkReply, WorkRequest,
};

/// Above the duration of any test.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// The log of a [`Workshop`]: its begun requests.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    begun: Mutex<Vec<String>>,
    changed: Notify,
    /// Ends a handler of `Never`.
    pub(crate) release: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Workshop {
    pub(crate) recorder: Arc<Recorder>,
}

impl Recorder {
    pub(crate) fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }

    pub(crate) fn clear(&self) {
        self.begun.lock().unwrap().clear();
    }

    pub(crate) async fn wait_for(&self, name: &str) {
        loop {
            let changed = self.changed.notified();
            if self.begun().iter().any(|begun| begun == name) {
                return;
            }
            changed.await;
        }
    }

    fn record(&self, name: &str) {
        self.begun.lock().unwrap().push(name.to_owned());
        self.changed.notify_waiters();
    }
}

impl ShopService for Workshop {
    async fn work(&self, _: &Context, request: WorkRequest) -> Result<WorkReply, WorkFault> {
        self.recorder.record(&request.name);
        let mut mood = Mood::Good;
        let mut product = request.name.into_inner();
        match request.tool {
            Tool::Reply => {}
            Tool::Refuse => return Err(WorkFault::BrokenTool(product)),
            Tool::Close => return Err(WorkFault::ClosedToday),
            Tool::Panic => panic!("as told"),
            Tool::Block => std::thread::sleep(request.effort.get()),
            Tool::Sleep => tokio::time::sleep(request.effort.get()).await,
            Tool::Never => self.recorder.release.notified().await,
            Tool::Enlarge => product = "x".repeat(2_000_000),
            Tool::Break => mood = Mood::Unknown("odd".to_owned()),
        }
        Ok(WorkReply {
            product: product.try_into().unwrap(),
            mood,
        })
    }

    async fn fetch(
        &self,
        _: &Context,
        params: FetchParams,
        request: FetchRequest,
    ) -> Result<FetchReply, std::convert::Infallible> {
        let members = u64::try_from(request.fields.len()).unwrap_or_default();
        let count = u64::from(params.shelf.get()) * 1_000 + members;
        Ok(FetchReply {
            count: count.try_into().unwrap(),
        })
    }

    async fn clear(
        &self,
        _: &Context,
        ClearRequest { bench }: ClearRequest,
    ) -> Result<ClearReply, std::convert::Infallible> {
        self.recorder.record("clear");
        Ok(ClearReply { bench })
    }
}

/// A server, a client and their connections.
pub(crate) struct Fixture {
    pub(crate) broker: MemoryBroker,
    pub(crate) client_side: MemoryTransport,
    pub(crate) connection: Connection,
    pub(crate) client: ShopClient,
    pub(crate) server: Server,
    pub(crate) recorder: Arc<Recorder>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with_options(ServeOptions::new()).await
    }

    pub(crate) async fn with_options(options: ServeOptions) -> Self {
        let broker = MemoryBroker::new();
        let client_side = broker.connect();
        let connection = Connection::over(client_side.clone());
        let workshop = Workshop::default();
        let recorder = Arc::clone(&workshop.recorder);
        let server = ShopServer::new(workshop)
            .options(options)
            .start(&Connection::over(broker.connect()), &shop())
            .await
            .unwrap();
        let client = ShopClient::new(&connection);
        Self {
            broker,
            client_side,
            connection,
            client,
            server,
            recorder,
        }
    }

    /// Publishes bytes as a `work` request and returns the raw reply.
    pub(crate) async fn ask(&self, tail: &str, payload: &[u8]) -> Message {
        let transport = self.broker.connect();
        let mut inbox = transport.subscribe("_INBOX.raw", None).await.unwrap();
        let message = Message {
            subject: format!("test.workshop.{tail}"),
            reply: Some("_INBOX.raw".to_owned()),
            payload: payload.to_vec().into(),
            ..Message::default()
        };
        transport.publish(message).await.unwrap();
        next(&mut *inbox).await
    }

    /// Calls `work` in a separate task.
    pub(crate) fn spawn(
        &self,
        request: WorkRequest,
    ) -> tokio::task::JoinHandle<Result<WorkReply, natsgen_runtime::CallError<WorkFault>>> {
        let client = self.client.clone();
        tokio::spawn(async move { client.work(&shop(), &request).await })
    }
}

pub(crate) async fn next(subscriber: &mut dyn Subscriber) -> Message {
    let message = futures_util::StreamExt::next(subscriber);
    tokio::time::timeout(TEST_TIMEOUT, message)
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn shop() -> ShopId {
    ShopId::try_from("s1").unwrap()
}

pub(crate) fn request(name: &str, tool: Tool) -> WorkRequest {
    WorkRequest {
        name: name.try_into().unwrap(),
        tool,
        bench: None,
        parts: Limited::default(),
        effort: Millis::default(),
    }
}

/// A request with an ordering key.
pub(crate) fn on_bench(name: &str, bench: &str, tool: Tool) -> WorkRequest {
    WorkRequest {
        bench: Some(bench.to_owned()),
        ..request(name, tool)
    }
}

pub(crate) fn reply(name: &str) -> WorkReply {
    WorkReply {
        product: name.try_into().unwrap(),
        mood: Mood::Good,
    }
}
