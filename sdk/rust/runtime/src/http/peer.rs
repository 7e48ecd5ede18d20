//! The addresses of HTTP servers.

use std::fmt;

use super::error::HttpError;
use super::template::Values;

/// The address of an HTTP server, and the API key that it expects. The `Debug` output contains no API key.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpPeer {
    pub(super) base: String,
    host: String,
    pub(super) api_key: Option<String>,
}

/// A message that may go to an HTTP server.
#[derive(Clone, Copy, Debug)]
pub struct HttpTarget<'a> {
    /// The name of the operation.
    pub operation: &'a str,
    /// The role that serves the operation.
    pub to: &'a str,
    pub(super) params: &'a Values,
}

impl HttpPeer {
    /// Reads a base URL such as `http://localhost:9000` or `https://host/path`.
    ///
    /// # Errors
    /// If the URL has another scheme, no host, credentials, a query or a fragment.
    pub fn new(url: &str) -> Result<Self, HttpError> {
        let wrong = || {
            let text =
                "expected a URL such as http://localhost:9000, without credentials and query";
            HttpError::new(text)
        };
        let uri: http::Uri = url.parse().map_err(|_| wrong())?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().ok_or_else(wrong)?;
        if !is_http
            || authority.as_str().contains('@')
            || uri.query().is_some()
            || url.contains('#')
        {
            return Err(wrong());
        }
        let host = authority.host();
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        Ok(Self {
            base: url.trim_end_matches('/').to_owned(),
            host: inner.unwrap_or(host).to_owned(),
            api_key: None,
        })
    }

    /// Returns the host of the URL: a name or an IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sets the value of the header `x-api-key`.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }
}

impl HttpTarget<'_> {
    /// Returns the value of a parameter of the subject.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let mut params = self.params.iter();
        params
            .find(|(param, _)| param == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPeer")
            .field("base", &self.base)
            .field("api_key", &self.api_key.as_ref().map(|_| "***"))
            .finish_non_exhaustive()
    }
}
