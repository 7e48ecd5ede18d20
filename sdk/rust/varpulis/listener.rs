//! The HTTP server of a running role.

use std::error::Error;
use std::time::Duration;

#[cfg(feature = "http")]
use natsgen_runtime::http::HttpServer;

/// An error of the options or of the set-up of HTTP.
pub(crate) type SetupError = Box<dyn Error + Send + Sync>;

/// The HTTP server of a running role, if the role has one.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    #[cfg(feature = "http")]
    pub(crate) server: Option<HttpServer>,
}

impl Listener {
    /// Accepts no further requests, and waits up to `limit` for running requests.
    #[cfg_attr(
        not(feature = "http"),
        allow(
            clippy::unused_async,
            unused_variables,
            reason = "there is no server to wait for"
        )
    )]
    pub(crate) async fn shutdown(self, limit: Duration) {
        #[cfg(feature = "http")]
        if let Some(server) = self.server {
            server.shutdown(limit).await;
        }
    }
}
