//! Requests over HTTP as exchanges on a connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::error::{ErrorReply, HttpError};
use super::options::HttpServerOptions;
use super::query;
use super::routes::{HttpRoutes, Incoming, Route};
use super::template::Values;
use crate::codec;
use crate::codec::json::MapRef;
use crate::codec::side::Side;
use crate::error_form::ErrorForm;
use crate::rpc::connection::Connection;
use crate::rpc::fault::{BAD_REQUEST, ERROR_CODE_HEADER, ERROR_HEADER, StandardFault, status_of};
use crate::rpc::form::{self, Found};
use crate::subject::Prefix;
use crate::transport::headers::{REQUEST_ID_HEADER, RETRY_HEADER, TIMEOUT_HEADER, TRACE_HEADER};
use crate::transport::{Message, PublishError};

/// The header with the API key of a client.
pub(super) const API_KEY_HEADER: &str = "x-api-key";

/// The headers of a request that its message repeats.
const REPEATED: [&str; 3] = [REQUEST_ID_HEADER, TRACE_HEADER, "tracestate"];

/// The members of an error.
const ERROR_MEMBERS: [&str; 3] = ["error", "code", "pointer"];

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Converts requests over HTTP to messages of a connection.
struct Gate {
    connection: Connection,
    prefix: Prefix,
    options: HttpServerOptions,
    places: Semaphore,
}

/// A service for the operations of `routes`, see [`HttpServer`](super::HttpServer).
pub(super) fn service(
    connection: &Connection,
    prefix: &Prefix,
    routes: &HttpRoutes,
    options: &HttpServerOptions,
) -> Result<Router, HttpError> {
    options.check(routes)?;
    let gate = Arc::new(Gate {
        prefix: connection.prefix_or(prefix),
        connection: connection.clone(),
        places: Semaphore::new(options.concurrency),
        options: options.clone(),
    });
    let mut service = Router::new();
    for route in routes.all().filter(|route| options.serves(&route.to)) {
        let method = MethodFilter::try_from(route.method.clone());
        let method = method.map_err(|error| HttpError::new(error.to_string()))?;
        let (gate, served) = (Arc::clone(&gate), Arc::clone(route));
        let handler = move |request| {
            let (gate, route) = (Arc::clone(&gate), Arc::clone(&served));
            async move { gate.serve(&route, request).await }
        };
        service = service.route(&route.pattern(), on(method, handler));
    }
    let unknown = || async {
        let fault = StandardFault::UnknownCommand {
            command: "no operation has this path".to_owned(),
        };
        response(&ErrorReply::standard(&fault))
    };
    Ok(service.fallback(unknown))
}

impl Gate {
    async fn serve(&self, route: &Route, request: Request) -> Response {
        let id = request.headers().get(REQUEST_ID_HEADER).cloned();
        let limit = requested_timeout(request.headers()).map_or(route.timeout, |limit| {
            limit.min(self.options.longest_timeout.max(route.timeout))
        });
        let answered = self.answer(route, request, Instant::now() + limit).await;
        let mut response = answered.unwrap_or_else(|error| response(&error));
        if let Some(id) = id {
            response.headers_mut().insert(REQUEST_ID_HEADER, id);
        }
        response
    }

    async fn answer(
        &self,
        route: &Route,
        request: Request,
        deadline: Instant,
    ) -> Result<Response, ErrorReply> {
        self.authenticate(request.headers())?;
        let Ok(_place) = self.places.try_acquire() else {
            return Err(ErrorReply::standard(&StandardFault::Overloaded));
        };
        let read = timeout_at(deadline, self.read(route, request)).await;
        let late = |_| ErrorReply::standard(&StandardFault::DeadlineExceeded);
        let (incoming, headers) = read.map_err(late)??;
        let left = || deadline.saturating_duration_since(Instant::now());
        if let Some(confirming) = &route.confirm {
            self.confirm(confirming, &incoming.params, left()).await?;
        }
        let payload = incoming.payload.clone();
        let message = message(incoming, &headers);
        let answer = if route.is_event {
            let published = self.connection.publish(message).await;
            published.map_err(|error| unpublished(&error))?;
            None
        } else {
            let answer = self.connection.exchange(message, left()).await?;
            refusal(route, &payload, &answer)?;
            Some(answer.payload)
        };
        let Some(rule) = &route.write else {
            return Ok(reply(route.status, answer.unwrap_or_default()));
        };
        let converted = rule.convert(&payload, answer.as_deref().unwrap_or(b"null"));
        let converted = converted.ok_or_else(|| ErrorReply::standard(&StandardFault::Internal))?;
        Ok(reply(route.status, converted))
    }

    /// Refuses a request without an API key of the options.
    fn authenticate(&self, headers: &HeaderMap) -> Result<(), ErrorReply> {
        let keys = &self.options.api_keys;
        let given = headers
            .get(API_KEY_HEADER)
            .map_or(&b""[..], HeaderValue::as_bytes);
        let same = |key: &String| bool::from(given.ct_eq(key.as_bytes()));
        // Compares all keys, so that the duration does not reveal which of them is right.
        let is_known = keys
            .iter()
            .fold(false, |is_known, key| is_known | same(key));
        if is_known || keys.is_empty() {
            return Ok(());
        }
        let text = "Invalid or missing API key";
        Err(ErrorReply::new(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            text,
        ))
    }

    /// Reads the parameters and the body of a request.
    async fn read(
        &self,
        route: &Route,
        mut request: Request,
    ) -> Result<(Incoming, HeaderMap), ErrorReply> {
        let path = request.extract_parts::<RawPathParams>().await;
        let path = path.map_err(|_| ErrorReply::bad_request("", "expected a path in UTF-8"))?;
        let path = path.iter().map(|(_, value)| value.to_owned()).collect();
        let query = query::parse(request.uri().query().unwrap_or_default())?;
        let (parts, body) = request.into_parts();
        let most = self
            .options
            .max_body
            .unwrap_or_else(|| self.connection.max_payload());
        let body = to_bytes(body, most).await.map_err(|_| {
            let text = format!("expected a complete body of at most {most} bytes");
            ErrorReply::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", text)
        })?;
        let incoming = route.incoming(&self.prefix, &self.options.params, path, query, &body)?;
        Ok((incoming, parts.headers))
    }

    /// Calls the operation that confirms an event.
    async fn confirm(
        &self,
        route: &Route,
        params: &Values,
        limit: Duration,
    ) -> Result<(), ErrorReply> {
        let params: BTreeMap<_, _> = params.iter().cloned().collect();
        let empty = Bytes::new();
        let incoming = route.incoming(&self.prefix, &params, Vec::new(), Vec::new(), &empty)?;
        let message = message(incoming, &HeaderMap::new());
        let answer = self.connection.exchange(message, limit).await?;
        refusal(route, &empty, &answer)
    }
}

fn message(incoming: Incoming, headers: &HeaderMap) -> Message {
    let mut message = Message {
        subject: incoming.subject,
        payload: incoming.payload,
        ..Message::default()
    };
    for name in REPEATED {
        if let Some(Ok(value)) = headers.get(name).map(HeaderValue::to_str) {
            message.headers.append(name, value);
        }
    }
    if let Some(limit) = requested_timeout(headers) {
        message
            .headers
            .append(TIMEOUT_HEADER, limit.as_millis().to_string());
    }
    message
}

fn requested_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT_HEADER)?.to_str().ok()?;
    text.parse().ok().map(Duration::from_millis)
}

/// The error of an answer, if it is an error. A header marks an error. Peers without this runtime send no header; their
/// errors are objects without further members.
fn refusal(route: &Route, request: &[u8], answer: &Message) -> Result<(), ErrorReply> {
    if let Some(form) = route.error_form {
        return foreign_refusal(form, route, answer);
    }
    let header = answer.headers.get(ERROR_CODE_HEADER);
    if header.is_none() && !starts_like_an_error(&answer.payload) {
        return Ok(());
    }
    let members: MapRef<'_> = codec::decode(&answer.payload, Side::Reply).unwrap_or_default();
    let member = |name| members.get(name).and_then(|value| value.as_str());
    let text = match (member("error"), header) {
        (Some(text), Some(_)) => text,
        (Some(text), None) if members.iter().all(|(name, _)| is_of_an_error(name)) => text,
        (None, Some(_)) => answer.headers.get(ERROR_HEADER).unwrap_or_default(),
        (_, None) => return Ok(()),
    };
    let retry = answer.headers.get(RETRY_HEADER);
    let (code, known) = status_of(&route.errors, member("code"), text);
    let status = header.and_then(|status| status.parse().ok()).or(known);
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let error = ErrorReply {
        status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        code: code.to_owned(),
        text: text.to_owned(),
        pointer: member("pointer").map(str::to_owned),
        retry_after: retry.and_then(|millis| millis.parse().ok()),
    };
    let has_invalid_body = error.code == BAD_REQUEST.code && route.has_body();
    Err(if has_invalid_body {
        error.invalid_body(request)
    } else {
        error
    })
}

/// The error of an answer in the form of its protocol. Over HTTP it has the form of this library.
fn foreign_refusal(form: &ErrorForm, route: &Route, answer: &Message) -> Result<(), ErrorReply> {
    let is_marked = answer.headers.get(ERROR_CODE_HEADER).is_some();
    let text = answer.headers.get(ERROR_HEADER).unwrap_or_default();
    let found = form::find(form, &answer.payload);
    let found = found.or_else(|| form::find_in_headers(form, &answer.headers));
    let found = found.or_else(|| {
        is_marked.then(|| Found {
            code: None,
            text: text.to_owned(),
        })
    });
    let Some(Found { code, text }) = found else {
        return Ok(());
    };
    let code = code.as_deref();
    let code = code.map(|code| form::name(form, code).unwrap_or(code));
    let (code, status) = match status_of(&route.errors, code, &text) {
        // A server with this library marks standard faults, whose codes are not on the wire.
        (_, None) if is_marked => status_of(&route.errors, None, &text),
        known => known,
    };
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let retry = answer.headers.get(RETRY_HEADER);
    Err(ErrorReply {
        retry_after: retry.and_then(|millis| millis.parse().ok()),
        ..ErrorReply::new(
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            text.as_str(),
        )
    })
}

/// Whether the first member of an object is a member of an error. Replies are not read beyond it.
fn starts_like_an_error(payload: &[u8]) -> bool {
    let first = payload.trim_ascii_start().strip_prefix(b"{");
    let first = first.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\""));
    first.is_some_and(|rest| {
        ERROR_MEMBERS
            .iter()
            .any(|name| rest.starts_with(name.as_bytes()))
    })
}

fn is_of_an_error(name: &str) -> bool {
    ERROR_MEMBERS.contains(&name)
}

fn unpublished(error: &PublishError) -> ErrorReply {
    match error {
        PublishError::TooLarge { .. } => ErrorReply::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_too_large",
            error.to_string(),
        ),
        _ => ErrorReply::new(
            StatusCode::SERVICE_UNAVAILABLE,
            super::error::NO_RESPONDERS_CODE,
            error.to_string(),
        ),
    }
}

fn response(error: &ErrorReply) -> Response {
    let mut response = reply(error.status, error.body());
    if let Some(millis) = error.retry_after {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, millis.div_ceil(1_000).into());
        headers.insert(RETRY_HEADER, millis.into());
    }
    response
}

fn reply(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
