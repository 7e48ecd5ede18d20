//! Options of servers and clients.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::error::HttpError;
use super::routes::HttpRoutes;

/// The default maximum number of requests that a server answers at the same time.
const CONCURRENCY: usize = 1_024;

/// The default maximum of the timeout that a client may ask for.
const LONGEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Options of an HTTP server. The `Debug` output contains no API key.
#[derive(Clone)]
#[must_use]
pub struct HttpServerOptions {
    pub(super) api_keys: Vec<String>,
    pub(super) params: BTreeMap<String, String>,
    pub(super) concurrency: usize,
    pub(super) longest_timeout: Duration,
    pub(super) max_body: Option<usize>,
    pub(super) tls: Option<TlsFiles>,
    roles: Option<Vec<String>>,
}

/// A certificate chain and its key, as PEM files.
#[derive(Clone, Debug)]
pub(super) struct TlsFiles {
    pub(super) certificates: PathBuf,
    pub(super) key: PathBuf,
}

impl HttpServerOptions {
    /// Creates options for a server of all roles, without API key and TLS.
    pub fn new() -> Self {
        Self {
            api_keys: Vec::new(),
            params: BTreeMap::new(),
            concurrency: CONCURRENCY,
            longest_timeout: LONGEST_TIMEOUT,
            max_body: None,
            tls: None,
            roles: None,
        }
    }

    /// Serves the operations of this role only. Several calls add roles.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.get_or_insert_default().push(role.into());
        self
    }

    /// Refuses requests whose header `x-api-key` has another value, with status 401. Several calls add keys.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_keys.push(key.into());
        self
    }

    /// Sets a parameter of the subjects that the paths do not name, e.g. the id of a worker. Without it, a request names
    /// the parameter in its query.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// Sets the maximum number of requests that are answered at the same time; default 1,024. The server answers
    /// further requests with `overloaded`, status 429.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sets the maximum size of a body in bytes; default: the maximum size of a message.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Sets the maximum of the header `Request-Timeout`; default 60 s.
    pub fn longest_timeout(mut self, limit: Duration) -> Self {
        self.longest_timeout = limit;
        self
    }

    /// Serves HTTPS with a certificate chain and its key, in PEM files.
    pub fn tls(mut self, certificates: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls = Some(TlsFiles {
            certificates: certificates.into(),
            key: key.into(),
        });
        self
    }

    /// Checks that the roles and parameters exist.
    pub(super) fn check(&self, routes: &HttpRoutes) -> Result<(), HttpError> {
        for role in self.roles.iter().flatten() {
            if !routes.all().any(|route| route.to == *role) {
                let text = format!("no operation is for the role `{role}`");
                return Err(HttpError::new(text));
            }
        }
        for name in self.params.keys() {
            if !routes.all().any(|route| route.has_param(name)) {
                let text = format!("no subject has the parameter `{name}`");
                return Err(HttpError::new(text));
            }
        }
        Ok(())
    }

    /// Whether the server serves the operations of a role.
    pub(super) fn serves(&self, role: &str) -> bool {
        let roles = self.roles.as_ref();
        roles.is_none_or(|roles| roles.iter().any(|known| known == role))
    }
}

impl Default for HttpServerOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServerOptions")
            .field("api_keys", &self.api_keys.len())
            .field("params", &self.params)
            .field("concurrency", &self.concurrency)
            .field("longest_timeout", &self.longest_timeout)
            .field("max_body", &self.max_body)
            .field("tls", &self.tls)
            .field("roles", &self.roles)
            .finish()
    }
}
