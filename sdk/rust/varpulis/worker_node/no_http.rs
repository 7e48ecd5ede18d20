//! The settings of HTTP in a build without the feature `http`.

use natsgen_runtime::Connection;

use super::links::Links;
use super::settings::Settings;
use crate::listener::SetupError;
use crate::types::WorkerConfig;

/// Whether the configuration asks for HTTP.
#[derive(Clone, Debug, Default)]
pub(super) struct HttpSettings {
    is_configured: bool,
}

impl HttpSettings {
    pub(super) fn configured(config: &WorkerConfig) -> Self {
        Self {
            is_configured: config.http.is_some() || config.coordinator.is_some(),
        }
    }

    #[allow(clippy::unused_async, reason = "the feature `http` starts a server")]
    pub(super) async fn open(
        self,
        connection: &Connection,
        _: &mut Settings,
    ) -> Result<Links, SetupError> {
        if self.is_configured {
            return Err("the package varpulis-sdk is built without the feature `http`".into());
        }
        Ok(Links::over(connection))
    }
}
