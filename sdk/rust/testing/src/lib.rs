//! A real nats-server for tests and demos: found or installed, started on a port of its own, stopped on drop.

mod binary;
mod cluster;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

pub use self::cluster::NatsCluster;

/// Ports to choose from. They lie below those that systems hand out to clients: while a server of ours is down, a
/// client could get its port, and one that tries to reconnect to it could even connect to itself.
const PORTS: std::ops::Range<u16> = 18_000..32_000;

/// How many ports to try.
const ATTEMPTS: usize = 64;

/// How long a server may take to be ready.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often to look whether it is.
const START_PAUSE: Duration = Duration::from_millis(2);

/// A nats-server on 127.0.0.1. Dropped, it is killed and its files are removed.
#[derive(Debug)]
pub struct NatsServer {
    binary: PathBuf,
    files: PathBuf,
    port: u16,
    child: Option<Child>,
}

/// Why there is no server, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestServerError(String);

impl NatsServer {
    /// Starts a server with defaults.
    ///
    /// # Errors
    /// When no nats-server is found and none can be installed, or it does not start.
    pub fn start() -> Result<Self, TestServerError> {
        Self::start_with("")
    }

    /// Starts a server with `config`, a text in the language of its configuration files. Host and port are given on
    /// its command line and so override what stands there.
    ///
    /// # Errors
    /// Like [`NatsServer::start`]; also when the server refuses `config`.
    pub fn start_with(config: &str) -> Result<Self, TestServerError> {
        let binary = binary::find()?;
        let files = new_directory()
            .map_err(|error| TestServerError::io("no directory for the server's files", &error))?;
        let mut server = Self {
            binary,
            files,
            port: 0,
            child: None,
        };
        fs::write(server.files.join("nats.conf"), config).map_err(|error| {
            TestServerError::io("cannot write the server's configuration", &error)
        })?;
        for _ in 0..ATTEMPTS {
            server.port = next_port();
            if server.launch()? {
                return Ok(server);
            }
        }
        Err(TestServerError(format!(
            "{ATTEMPTS} ports tried, all are in use"
        )))
    }

    /// Where to connect, e.g. `nats://127.0.0.1:18000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port it listens on, the same over restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it at once (SIGKILL), as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Errors say that it is gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it where it is, with its connections open (SIGSTOP): to its clients a server that hangs, or a cut cable.
    ///
    /// # Errors
    /// When the system cannot do that.
    pub fn pause(&self) -> Result<(), TestServerError> {
        self.signal("-STOP")
    }

    /// Lets it go on after [`NatsServer::pause`].
    ///
    /// # Errors
    /// When the system cannot do that.
    pub fn resume(&self) -> Result<(), TestServerError> {
        self.signal("-CONT")
    }

    /// Has it go slowly (SIGUSR2): it takes no new connections, ends those that it has one after the other, and then ends.
    ///
    /// # Errors
    /// When the system cannot do that.
    pub fn retire(&self) -> Result<(), TestServerError> {
        self.signal("-USR2")
    }

    /// Kills it if it runs, and starts it again on the same port.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> Result<(), TestServerError> {
        self.kill();
        if self.launch()? {
            Ok(())
        } else {
            Err(TestServerError(format!(
                "port {} was taken meanwhile",
                self.port
            )))
        }
    }

    /// Starts it and waits until it takes connections; false if another process has the port.
    fn launch(&mut self) -> Result<bool, TestServerError> {
        let log = File::create(self.files.join("log"));
        let log =
            log.map_err(|error| TestServerError::io("cannot create the server's log", &error))?;
        let child = Command::new(&self.binary)
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string(), "-c"])
            .arg(self.files.join("nats.conf"))
            .arg("--ports_file_dir")
            .arg(&self.files)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| {
                TestServerError::io(&format!("cannot run {}", self.binary.display()), &error)
            })?;
        let id = child.id();
        let child = self.child.insert(child);
        // The server writes this file, named after its process, when it is ready; a port alone could be another's.
        let name = self
            .binary
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let ports = self.files.join(format!("{name}_{id}.ports"));
        let limit = Instant::now() + START_LIMIT;
        while !ports.exists() {
            if !matches!(child.try_wait(), Ok(None)) {
                return self.explain_exit();
            }
            if Instant::now() > limit {
                return Err(TestServerError(format!(
                    "not ready after {START_LIMIT:?}: {}",
                    self.log()
                )));
            }
            std::thread::sleep(START_PAUSE);
        }
        Ok(true)
    }

    fn signal(&self, signal: &str) -> Result<(), TestServerError> {
        let id = self
            .child
            .as_ref()
            .map(Child::id)
            .ok_or_else(|| TestServerError("it does not run".to_owned()))?;
        match Command::new("kill")
            .args([signal, &id.to_string()])
            .status()
        {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(TestServerError(format!(
                "kill {signal} {id} ended with {status}"
            ))),
            Err(error) => Err(TestServerError::io("cannot run kill", &error)),
        }
    }

    fn explain_exit(&mut self) -> Result<bool, TestServerError> {
        self.child = None;
        let log = self.log();
        if log.contains("address already in use") {
            return Ok(false);
        }
        Err(TestServerError(format!(
            "{} ended at once: {log}",
            self.binary.display()
        )))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.files.join("log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
        // What cannot be removed stays in the system's directory for temporary files.
        let _ = fs::remove_dir_all(&self.files);
    }
}

/// A directory that nobody else has.
fn new_directory() -> io::Result<PathBuf> {
    loop {
        let name = format!("natsgen-server-{}-{}", std::process::id(), next_port());
        let directory = std::env::temp_dir().join(name);
        match fs::create_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|()| directory),
        }
    }
}

/// Walks over the ports, each process from its own start: a collision is found when the server binds.
fn next_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id().wrapping_mul(0x9e37_79b1) >> 16;
    let start = u16::try_from(start).unwrap_or_default();
    PORTS.start
        + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start)
}

impl TestServerError {
    fn io(what: &str, error: &io::Error) -> Self {
        Self(format!("{what}: {error}"))
    }

    fn is_port_in_use(&self) -> bool {
        self.0.contains("ports tried")
    }
}

impl fmt::Display for TestServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TestServerError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::net::TcpStream;

    fn greeting(server: &NatsServer) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting).unwrap();
        String::from_utf8_lossy(&greeting).into_owned()
    }

    #[test]
    fn a_server_is_ready_when_started_and_gone_when_killed() {
        let mut server = NatsServer::start().unwrap();
        let port = server.port();
        assert_eq!(greeting(&server), "INFO ");
        server.kill();
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        server.restart().unwrap();
        assert_eq!((greeting(&server).as_str(), server.port()), ("INFO ", port));
        let files = server.files.clone();
        drop(server);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!files.exists());
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let mut server = NatsServer::start().unwrap();
        let other = NatsServer::start().unwrap();
        server.kill();
        server.port = other.port();
        assert_eq!(server.launch(), Ok(false));
    }

    #[test]
    fn a_refused_configuration_is_explained() {
        let error = NatsServer::start_with("no_such_option: 1").unwrap_err();
        assert!(error.to_string().contains("no_such_option"), "{error}");
    }
}
