//! The error of starting a worker.

use std::error::Error;
use std::{fmt, io};

use natsgen_runtime::StartError;

/// Why a worker did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerNodeError {
    /// The handler threads could not be started.
    Threads(io::Error),
    /// The server did not start.
    Serve(StartError),
    /// The options of HTTP are invalid, or the HTTP server did not start.
    Http(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for WorkerNodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threads(_) => "the threads of a worker's handlers did not start",
            Self::Serve(_) => "a worker's server did not start",
            Self::Http(_) => "a worker cannot use HTTP",
        })
    }
}

impl Error for WorkerNodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Threads(error) => error,
            Self::Serve(error) => error,
            Self::Http(error) => &**error,
        })
    }
}
