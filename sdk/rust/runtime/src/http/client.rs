//! Exchanges with HTTP servers.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::error::{HttpError, NO_ANSWER_CODE, NO_RESPONDERS_CODE};
use super::handler::API_KEY_HEADER;
use super::peer::HttpPeer;
use super::routes::Route;
use super::template::Values;
use super::tls;
use crate::codec;
use crate::codec::json::{Map, MapRef, Value};
use crate::codec::side::Side;
use crate::rpc::fault::{ERROR_CODE_HEADER, ERROR_HEADER, code_of};
use crate::transport::headers::{REQUEST_ID_HEADER, RETRY_HEADER, TIMEOUT_HEADER};
use crate::transport::{Message, NO_ANSWER, NO_RESPONDERS};

/// The time in which a server must accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The time after which an idle connection is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The headers of most requests. Their names need not be parsed.
static KNOWN: [(&str, HeaderName); 2] = [
    (REQUEST_ID_HEADER, HeaderName::from_static("request-id")),
    (TIMEOUT_HEADER, HeaderName::from_static("request-timeout")),
];

/// Sends requests over HTTP and keeps their connections.
#[derive(Debug)]
pub(super) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    max_payload: usize,
}

impl Client {
    /// Creates a client. `roots` are PEM files with further trusted certificates.
    pub(super) fn new(roots: &[std::path::PathBuf], max_payload: usize) -> Result<Self, HttpError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_LIMIT));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client(roots)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .build(https);
        Ok(Self { pool, max_payload })
    }

    /// Sends a message to a peer, and returns the answer as a message. Its status is [`NO_RESPONDERS`] if the request was
    /// not executed, and [`NO_ANSWER`] if the outcome is unknown.
    pub(super) async fn exchange(
        &self,
        peer: &HttpPeer,
        route: &Route,
        params: &Values,
        message: Message,
    ) -> Message {
        let Ok(request) = request(peer, route, params, &message) else {
            return failed(NO_RESPONDERS);
        };
        let response = match self.pool.request(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return failed(NO_RESPONDERS),
            Err(_) => return failed(NO_ANSWER),
        };
        let (head, body) = response.into_parts();
        let Ok(body) = Limited::new(body, self.max_payload).collect().await else {
            return failed(NO_ANSWER);
        };
        let body = body.to_bytes();
        if head.status.is_success() {
            return answer(route, &message.payload, body);
        }
        let mut answer = refused(route, head.status, &body);
        if let Some(millis) = retry_after(head.status, &head.headers) {
            answer.headers.append(RETRY_HEADER, millis.to_string());
        }
        answer
    }
}

fn request(
    peer: &HttpPeer,
    route: &Route,
    params: &Values,
    message: &Message,
) -> Result<Request<Full<Bytes>>, HttpError> {
    let target = route.target(params, &message.payload)?;
    let uri = [peer.base.as_str(), &target.path].concat();
    let mut request = Request::builder().method(route.method.clone()).uri(uri);
    for (name, value) in message.headers.iter() {
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        request = match known {
            Some((_, name)) => request.header(name, value),
            None => request.header(name, value),
        };
    }
    if let Some(key) = &peer.api_key {
        let mut key = HeaderValue::from_str(key)
            .map_err(|_| HttpError::new("the API key is no header value"))?;
        key.set_sensitive(true);
        request = request.header(API_KEY_HEADER, key);
    }
    if !target.body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let request = request.body(Full::new(target.body));
    request.map_err(|error| HttpError::new(error.to_string()))
}

/// The reply to a request, in its form over NATS.
fn answer(route: &Route, payload: &Bytes, body: Bytes) -> Message {
    let read = route.read.as_ref();
    let converted = read.and_then(|rule| rule.convert(payload, &body));
    // A body without the expected members stays as it is, and breaks the schema of the reply.
    let payload = converted.unwrap_or(body);
    Message {
        payload,
        ..Message::default()
    }
}

/// An error of a server, in its form over NATS.
fn refused(route: &Route, status: StatusCode, body: &Bytes) -> Message {
    let members: MapRef<'_> = codec::decode(body, Side::Reply).unwrap_or_default();
    let member = |name| members.get(name).and_then(|value| value.as_str());
    match member("code") {
        Some(NO_RESPONDERS_CODE) => return failed(NO_RESPONDERS),
        Some(NO_ANSWER_CODE) => return failed(NO_ANSWER),
        _ => {}
    }
    let text = member("error").map_or_else(|| String::from_utf8_lossy(body), Into::into);
    let mut error = Map::new();
    error.insert("error", Value::from(text.as_ref()));
    if let Some(code) = code_of(&route.errors, member("code"), status.as_u16()) {
        error.insert("code", Value::from(code));
    }
    if let Some(pointer) = member("pointer") {
        error.insert("pointer", Value::from(pointer));
    }
    let mut answer = Message {
        // An object of strings can be encoded.
        payload: codec::encode(&Value::Object(error))
            .unwrap_or_default()
            .into(),
        ..Message::default()
    };
    answer.headers.append(ERROR_CODE_HEADER, status.as_str());
    answer.headers.append(ERROR_HEADER, text.into_owned());
    answer
}

/// The time after which the server expects another attempt, in milliseconds. Other servers send whole seconds. With other
/// statuses, e.g. 504, the request may have been executed.
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    if !matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return None;
    }
    let number = |name| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    number(RETRY_HEADER).or_else(|| number(RETRY_AFTER.as_str())?.checked_mul(1_000))
}

/// A message without an answer.
pub(super) fn failed(status: u16) -> Message {
    Message {
        status: Some(status),
        ..Message::default()
    }
}
