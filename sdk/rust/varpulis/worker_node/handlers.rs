//! The threads of the handlers.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// The threads of the handlers: a runtime of their own, so that a blocked handler delays nothing else. On drop, idle
/// threads end at once and blocked threads end when their handler returns.
#[derive(Debug)]
pub(super) struct Handlers(Option<Runtime>);

impl Handlers {
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("varpulis-worker")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    pub(super) fn handle(&self) -> &Handle {
        self.0.as_ref().expect("only drop takes it").handle()
    }
}

impl Drop for Handlers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
