//! The options of servers, as the configuration says.

use natsgen_runtime::{Remember, ServeOptions};

use crate::types::{RememberConfig, ServeConfig};

impl From<&ServeConfig> for ServeOptions {
    fn from(config: &ServeConfig) -> Self {
        Self::new()
            .concurrency(config.concurrency.get() as usize)
            .queue(config.queue.get() as usize)
    }
}

impl From<&RememberConfig> for Remember {
    fn from(config: &RememberConfig) -> Self {
        Self::new()
            .requests(config.requests.get() as usize)
            .bytes(config.bytes.get().try_into().unwrap_or(usize::MAX))
            .age(config.age.into())
    }
}
