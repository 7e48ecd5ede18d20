//! Servers that refuse a request for now, and name the time of the next attempt.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{CallOptions, Connection, Context, Retry};
use varpulis_sdk::coordinator::{
    CoordinatorClient, CoordinatorServer, CoordinatorService, GetWorkerFault, GetWorkerParams,
    GetWorkerReply, GetWorkerRequest, ListWorkersFault, ListWorkersReply, ListWorkersRequest,
    RegisterFault, RegisterReply, RegisterRequest, RegisterStatus, RemoveWorkerFault,
    RemoveWorkerParams, RemoveWorkerReply, RemoveWorkerRequest,
};
use varpulis_sdk::types::WorkerCapacity;
use varpulis_sdk::{http, subject};

use crate::raw::{answer_all, local};

const PAUSE: Duration = Duration::from_millis(300);

/// A coordinator that refuses the first registration.
#[derive(Clone, Default)]
struct Busy(Arc<AtomicU32>);

impl CoordinatorService for Busy {
    async fn register(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            context.retry_after(PAUSE);
            return Err(RegisterFault::RegistryUnavailable("busy".to_owned()));
        }
        let id = request.worker_id.to_string();
        Ok(RegisterReply::new(id, RegisterStatus::Registered))
    }

    async fn list_workers(
        &self,
        _: &Context,
        _: ListWorkersRequest,
    ) -> Result<ListWorkersReply, ListWorkersFault> {
        unimplemented!("not called")
    }

    async fn get_worker(
        &self,
        _: &Context,
        _: GetWorkerParams,
        _: GetWorkerRequest,
    ) -> Result<GetWorkerReply, GetWorkerFault> {
        unimplemented!("not called")
    }

    async fn remove_worker(
        &self,
        _: &Context,
        _: RemoveWorkerParams,
        _: RemoveWorkerRequest,
    ) -> Result<RemoveWorkerReply, RemoveWorkerFault> {
        unimplemented!("not called")
    }
}

#[tokio::test]
async fn retry_hint_reaches_clients_with_and_without_http() {
    let (connection, service) = (Connection::memory(), Busy::default());
    let server = CoordinatorServer::new(service.clone());
    let _server = server.start(&connection).await.unwrap();
    let (prefix, routes) = (subject::PREFIX, HttpRoutes::new(http::ROUTES).unwrap());
    let options = HttpServerOptions::new().role("coordinator");
    let server = HttpServer::start(local(), &connection, &prefix, &routes, &options);
    let server = server.await.unwrap();
    let peer = HttpPeer::new(&format!("http://{}", server.address())).unwrap();
    let over_http = HttpOptions::new(&routes, &prefix).peer("coordinator", peer);
    let (address, key) = ("".try_into().unwrap(), "k".try_into().unwrap());
    let capacity = WorkerCapacity::new(1, 0, 1);
    let request = RegisterRequest::new("w0".try_into().unwrap(), address, key, capacity);
    for connection in [connection.clone(), over_http.connect().unwrap()] {
        service.0.store(0, Ordering::Relaxed);
        let client = CoordinatorClient::new(&connection);
        let error = client.register(&request).await.unwrap_err();
        let busy = RegisterFault::RegistryUnavailable("busy".to_owned());
        assert_eq!(error.fault(), Some(&busy));
        assert_eq!(error.retry_after(), Some(PAUSE));
        assert!(error.is_retryable());
        service.0.store(0, Ordering::Relaxed);
        let pause = Duration::from_millis(1);
        let retry = Retry::new(2).pauses(pause, pause);
        let client = client.options(CallOptions::new().retry(retry));
        let started = Instant::now();
        let reply = client.register(&request).await.unwrap();
        assert_eq!(reply.status, RegisterStatus::Registered);
        assert!(started.elapsed() >= PAUSE, "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn retry_hint_counts_only_if_the_request_was_refused() {
    let check = async |status, expected| {
        let body = r#"{"error": "busy", "code": "registry_unavailable"}"#;
        let address = answer_all(status, "retry-after: 2\r\n", body).await;
        let (prefix, routes) = (subject::PREFIX, HttpRoutes::new(http::ROUTES).unwrap());
        let peer = HttpPeer::new(&format!("http://{address}")).unwrap();
        let options = HttpOptions::new(&routes, &prefix).peer("coordinator", peer);
        let client = CoordinatorClient::new(&options.connect().unwrap());
        let error = client.list_workers(&ListWorkersRequest::new()).await;
        assert_eq!(error.unwrap_err().retry_after(), expected, "{status}");
    };
    let pause = Some(Duration::from_secs(2));
    check(429, pause).await;
    check(503, pause).await;
    check(502, None).await;
    check(504, None).await;
}
