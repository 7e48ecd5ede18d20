//! Routes that are ready for use, in both directions.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::error::{ErrorReply, HttpError};
use super::mapping::Mapping;
use super::template::{Template, Values};
use super::{query, raw};
use crate::codec;
use crate::codec::json::{Map, Value};
use crate::error_form::ErrorForm;
use crate::fault::ErrorKind;
use crate::http_route::HttpRoute;
use crate::subject::{self, MAX_TOKEN, Prefix, Wildcards};

/// The HTTP forms of the operations of a protocol. A clone is cheap.
#[derive(Clone, Debug)]
pub struct HttpRoutes(Arc<[Arc<Route>]>);

/// The HTTP form of an operation.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) operation: String,
    pub(super) to: String,
    pub(super) is_event: bool,
    pub(super) timeout: Duration,
    pub(super) method: Method,
    pub(super) status: StatusCode,
    pub(super) write: Option<Mapping>,
    pub(super) read: Option<Mapping>,
    /// The operation that confirms an event.
    pub(super) confirm: Option<Arc<Route>>,
    pub(super) errors: Vec<ErrorKind>,
    pub(super) error_form: Option<&'static ErrorForm>,
    subject: Template,
    segments: Template,
    /// The members of the request that stand in the path or in the query, and whether each is a string.
    members: BTreeMap<String, bool>,
}

/// A request over HTTP.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Path and query.
    pub(super) path: String,
    pub(super) body: Bytes,
}

/// A request over NATS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incoming {
    pub(super) subject: String,
    pub(super) params: Values,
    pub(super) payload: Bytes,
}

impl HttpRoutes {
    /// Prepares routes.
    ///
    /// # Errors
    /// If a route has an invalid method, path, status or conversion, two routes have the same method and path, or the
    /// operation that confirms an event is missing.
    pub fn new(routes: &[HttpRoute<'_>]) -> Result<Self, HttpError> {
        let mut seen = BTreeMap::new();
        let mut prepared: Vec<Arc<Route>> = Vec::new();
        let has_confirm = |route: &&HttpRoute<'_>| route.confirm.is_some();
        let plain = routes.iter().filter(|route| !has_confirm(route));
        for route in plain.chain(routes.iter().filter(has_confirm)) {
            let shape = Template::parse(route.path, '/')
                .fill('/', |_| Ok::<_, HttpError>("{}".to_owned()))?;
            if let Some(other) = seen.insert((route.method, shape), route.operation) {
                let text = format!(
                    "`{}` and `{other}` have the same method and path",
                    route.operation
                );
                return Err(HttpError::new(text));
            }
            let mut known = prepared.iter();
            let confirm = route.confirm.map(|name| {
                let found = known.find(|known| known.to == route.to && known.operation == name);
                let missing =
                    || HttpError::new(format!("`{}`: no request `{name}`", route.operation));
                found.cloned().ok_or_else(missing)
            });
            prepared.push(Arc::new(Route::new(route, confirm.transpose()?)?));
        }
        Ok(Self(prepared.into()))
    }

    pub(super) fn all(&self) -> std::slice::Iter<'_, Arc<Route>> {
        self.0.iter()
    }

    /// The route of a subject, with the values of its parameters.
    pub(super) fn find(&self, prefix: &Prefix, subject: &str) -> Option<(&Arc<Route>, Values)> {
        let mut found = self.0.iter().filter_map(|route| {
            let values = route.subject.read(prefix, subject)?;
            Some((route, values))
        });
        found.next()
    }
}

impl Route {
    fn new(route: &HttpRoute<'_>, confirm: Option<Arc<Self>>) -> Result<Self, HttpError> {
        let wrong = |what: &str| HttpError::new(format!("`{}`: invalid {what}", route.operation));
        let mapping = |rule| Mapping::new(&rule).ok_or_else(|| wrong("conversion of replies"));
        if !route.path.starts_with('/') {
            return Err(wrong("path"));
        }
        let members = route.members.iter();
        Ok(Self {
            operation: route.operation.to_owned(),
            to: route.to.to_owned(),
            is_event: route.is_event,
            timeout: route.timeout,
            method: route.method.parse().map_err(|_| wrong("method"))?,
            status: StatusCode::from_u16(route.status).map_err(|_| wrong("status"))?,
            write: route.reply.map(|reply| mapping(reply.write)).transpose()?,
            read: route
                .reply
                .and_then(|reply| reply.read)
                .map(mapping)
                .transpose()?,
            confirm,
            errors: route.errors.to_vec(),
            error_form: route.error_form,
            subject: Template::parse(route.subject, '.'),
            segments: Template::parse(route.path, '/'),
            members: members
                .map(|(name, is_text)| ((*name).to_owned(), *is_text))
                .collect(),
        })
    }

    /// The path in the notation of the server. Its parameters are numbered, because two routes with a common start must
    /// not give a parameter different names.
    pub(super) fn pattern(&self) -> String {
        let mut count = 0;
        let pattern = self.segments.fill('/', |_| {
            count += 1;
            Ok::<_, Infallible>(format!("{{p{count}}}"))
        });
        let Ok(pattern) = pattern;
        pattern
    }

    /// Whether the subject has a parameter of this name.
    pub(super) fn has_param(&self, name: &str) -> bool {
        self.subject.params().any(|param| param == name)
    }

    /// Whether requests have a body. Otherwise members of the request stand in the query.
    pub(super) fn has_body(&self) -> bool {
        !matches!(self.method, Method::GET | Method::DELETE | Method::HEAD)
    }

    /// Makes the request over HTTP from the parameters of the subject and the payload.
    pub(super) fn target(&self, params: &Values, payload: &Bytes) -> Result<Target, HttpError> {
        let find = |name: &str| params.iter().find(|(param, _)| param == name);
        let is_whole = self.has_body() && self.segments.params().all(|name| find(name).is_some());
        if is_whole {
            let path = self.segments.fill('/', |name| {
                let (_, value) =
                    find(name).ok_or_else(|| HttpError::new("a parameter is missing"))?;
                query::segment(value)
            })?;
            let body = payload.clone();
            return Ok(Target { path, body });
        }
        let payload = str::from_utf8(payload).ok().and_then(raw::members);
        let mut members = payload.ok_or_else(|| HttpError::new("the request is no object"))?;
        let mut path = self.segments.fill('/', |name| {
            if let Some((_, value)) = find(name) {
                return query::segment(value);
            }
            let member = members.iter().position(|(member, _)| member == name);
            let member =
                member.ok_or_else(|| HttpError::new(format!("the member `{name}` is missing")))?;
            query::segment(&query::text(members.remove(member).1)?)
        })?;
        if self.has_body() {
            let body = raw::object(&members).into();
            return Ok(Target { path, body });
        }
        for (index, (name, value)) in members.iter().enumerate() {
            query::append(&mut path, index, name, &query::text(value)?);
        }
        let body = Bytes::new();
        Ok(Target { path, body })
    }

    /// Makes the request over NATS. `fixed` are parameters of the subject that the path need not name, and `path` are the
    /// values of the path's parameters.
    pub(super) fn incoming(
        &self,
        prefix: &Prefix,
        fixed: &BTreeMap<String, String>,
        path: Vec<String>,
        query: Values,
        body: &Bytes,
    ) -> Result<Incoming, ErrorReply> {
        let mut values = fixed.clone();
        let mut members = Vec::new();
        let names = self.segments.params().map(str::to_owned);
        for (name, text) in names.zip(path).chain(query) {
            if self.has_param(&name) {
                values.insert(name, text);
            } else if let Some(is_text) = self.members.get(&name) {
                let value = query::value(&text, *is_text).ok_or_else(|| {
                    ErrorReply::bad_request(format!("/{name}"), "expected a JSON value")
                })?;
                members.push((name, value));
            } else {
                return Err(ErrorReply::bad_request(
                    "",
                    &format!("unknown parameter `{name}`"),
                ));
            }
        }
        let mut params = Vec::new();
        let below = self.subject.fill('.', |name| {
            let value = values.remove(name).ok_or_else(|| {
                ErrorReply::bad_request("", &format!("the query needs the parameter `{name}`"))
            })?;
            let is_token = value.len() <= MAX_TOKEN && !value.contains('.');
            if !is_token || subject::check(&value, Wildcards::Refused).is_err() {
                let reason =
                    format!("`{name}`: expected 1 to {MAX_TOKEN} printable ASCII characters without `.`, `*` and `>`");
                return Err(ErrorReply::bad_request("", &reason));
            }
            params.push((name.to_owned(), value.clone()));
            Ok(value)
        })?;
        Ok(Incoming {
            subject: format!("{}.{below}", prefix.as_str()),
            params,
            payload: with_members(body, members)?,
        })
    }
}

/// Adds members at the start of an object. Their duplicates are refused when the object is decoded.
fn with_members(body: &Bytes, members: Vec<(String, Value)>) -> Result<Bytes, ErrorReply> {
    let is_empty = body.trim_ascii().is_empty();
    if members.is_empty() && !is_empty {
        return Ok(body.clone());
    }
    let object = if is_empty { b"{}" } else { body.trim_ascii() };
    let Some(rest) = object.strip_prefix(b"{") else {
        let error = ErrorReply::bad_request("", "expected an object");
        return Err(error.invalid_body(body));
    };
    let members: Map = members.into_iter().collect();
    let mut payload = codec::encode(&Value::Object(members)).unwrap_or_default();
    payload.pop();
    if !rest.trim_ascii_start().starts_with(b"}") {
        payload.push(b',');
    }
    payload.extend_from_slice(rest);
    Ok(payload.into())
}
