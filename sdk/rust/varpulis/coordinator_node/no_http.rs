//! The settings of HTTP in a build without the feature `http`.

use std::sync::Arc;

use natsgen_runtime::Connection;

use super::api_keys::ApiKeys;
use super::error::CoordinatorNodeError;
use crate::listener::Listener;
use crate::replica::Replica;
use crate::types::CoordinatorConfig;

/// Whether the configuration asks for HTTP.
#[derive(Debug, Default)]
pub(super) struct HttpSettings {
    is_configured: bool,
}

impl HttpSettings {
    pub(super) fn configured(config: &CoordinatorConfig) -> Self {
        Self {
            is_configured: config.http.is_some() || config.http_workers.is_some(),
        }
    }

    #[allow(clippy::unused_async, reason = "the feature `http` starts a server")]
    pub(super) async fn listen(
        &mut self,
        _: &Connection,
        _: &ApiKeys,
    ) -> Result<Listener, CoordinatorNodeError> {
        if self.is_configured {
            let reason = "the package varpulis-sdk is built without the feature `http`";
            return Err(CoordinatorNodeError::Http(reason.into()));
        }
        Ok(Listener::default())
    }

    #[allow(clippy::unnecessary_wraps, reason = "the feature `http` reads files")]
    pub(super) fn connect(
        self,
        connection: &Connection,
        _: &Arc<Replica>,
        _: &Arc<ApiKeys>,
    ) -> Result<Connection, CoordinatorNodeError> {
        Ok(connection.clone())
    }
}
