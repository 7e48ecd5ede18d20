//! Protocol buffers over gRPC: tonic on both sides, written as its generator writes it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{self, Ready};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::client;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{Service, http};
use tonic::server::{self, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::message;
use crate::Failure;
use crate::contender::Call;

/// The called method.
const METHOD: &str = "/benches.Worker/Inject";

/// The request: the fields of [`message::Inject`].
#[derive(Clone, PartialEq, prost::Message)]
struct Inject {
    #[prost(string, tag = "1")]
    pipeline_id: String,
    #[prost(string, tag = "2")]
    event_type: String,
    #[prost(btree_map = "string, message", tag = "3")]
    fields: BTreeMap<String, Value>,
}

/// The value of a field.
#[derive(Clone, PartialEq, prost::Message)]
struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3")]
    kind: Option<Kind>,
}

/// The kinds of values.
#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(int64, tag = "2")]
    Integer(i64),
    #[prost(double, tag = "3")]
    Number(f64),
}

/// The reply: the fields of [`message::Injected`].
#[derive(Clone, PartialEq, prost::Message)]
struct Injected {
    #[prost(bool, tag = "1")]
    ok: bool,
    #[prost(message, repeated, tag = "2")]
    output_events: Vec<OutputEvent>,
}

/// An output event of the pipeline.
#[derive(Clone, PartialEq, prost::Message)]
struct OutputEvent {
    #[prost(string, tag = "1")]
    event_type: String,
}

/// Calls the method over a single channel.
#[derive(Clone, Debug)]
pub(crate) struct Tonic {
    channel: Channel,
    request: Inject,
}

impl Tonic {
    /// Starts the server on a free port and connects to it.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        tokio::spawn(
            Server::builder()
                .add_service(Worker)
                .serve_with_incoming(incoming),
        );
        let channel = Endpoint::try_from(url)?.connect().await?;
        Ok(Self {
            channel,
            request: sample(),
        })
    }
}

/// The request of every contender.
fn sample() -> Inject {
    let sample = message::Inject::sample();
    let fields = sample.fields.into_iter().map(|(key, value)| {
        let kind = match value {
            serde_json::Value::String(text) => Some(Kind::Text(text)),
            other => other
                .as_i64()
                .map(Kind::Integer)
                .or(other.as_f64().map(Kind::Number)),
        };
        (key, Value { kind })
    });
    Inject {
        pipeline_id: sample.pipeline_id,
        event_type: sample.event_type,
        fields: fields.collect(),
    }
}

impl Call for Tonic {
    async fn call(&self) -> Result<(), Failure> {
        let mut client = client::Grpc::new(self.channel.clone());
        client.ready().await?;
        let request = Request::new(self.request.clone());
        let codec = ProstCodec::<Inject, Injected>::default();
        let reply = client
            .unary(request, PathAndQuery::from_static(METHOD), codec)
            .await?;
        if reply.get_ref().ok {
            Ok(())
        } else {
            Err("the event was refused".into())
        }
    }
}

/// The server.
#[derive(Clone, Copy, Debug)]
struct Worker;

impl UnaryService<Inject> for Worker {
    type Response = Injected;
    type Future = Ready<Result<Response<Injected>, Status>>;

    fn call(&mut self, request: Request<Inject>) -> Self::Future {
        let event = OutputEvent {
            event_type: request.into_inner().event_type,
        };
        future::ready(Ok(Response::new(Injected {
            ok: true,
            output_events: vec![event; 3],
        })))
    }
}

impl NamedService for Worker {
    const NAME: &'static str = "benches.Worker";
}

impl Service<http::Request<Body>> for Worker {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            if request.uri().path() != METHOD {
                return Ok(Status::unimplemented("no such method").into_http());
            }
            let mut server = server::Grpc::new(ProstCodec::<Injected, Inject>::default());
            Ok(server.unary(Self, request).await)
        })
    }
}
