//! Server options from the configuration.

use natsgen_runtime::{DedupOptions, ServeOptions};

use crate::types::{DedupConfig, ServeConfig};

impl From<&ServeConfig> for ServeOptions {
    fn from(config: &ServeConfig) -> Self {
        let options = Self::new()
            .concurrency(config.concurrency.get() as usize)
            .queue(config.queue.get() as usize)
            .reserve(config.reserve.get() as usize)
            .bytes(config.bytes.get().try_into().unwrap_or(usize::MAX))
            .grace(config.grace.into());
        match config.per_key {
            Some(requests) => options.per_key(requests.get() as usize),
            None => options,
        }
    }
}

impl From<&DedupConfig> for DedupOptions {
    fn from(config: &DedupConfig) -> Self {
        Self::new()
            .requests(config.requests.get() as usize)
            .bytes(config.bytes.get().try_into().unwrap_or(usize::MAX))
            .age(config.age.into())
    }
}
