//! A nats-server of our own on a free port.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use crate::Failure;

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct NatsServer {
    child: Child,
    url: String,
}

impl NatsServer {
    /// Starts the program that `NATS_SERVER` names, or `nats-server` from the path.
    ///
    /// # Errors
    /// When it is not there or does not listen within 5 s.
    pub(crate) fn start() -> Result<Self, Failure> {
        let program = env::var("NATS_SERVER").unwrap_or_else(|_| "nats-server".to_owned());
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", &address.port().to_string()])
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self {
            child,
            url: format!("nats://{address}"),
        };
        let end = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end {
                return Err("nats-server does not listen".into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Where clients connect.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            let _ = self.child.wait();
        }
    }
}
