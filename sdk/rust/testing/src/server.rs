//! A nats-server process.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::binary;
use crate::error::TestServerError;

/// The ports to try. They lie below the ephemeral ports of the system. An ephemeral port could go to a client while the
/// server is down. A client that reconnects to such a port could even connect to itself.
const PORTS: std::ops::Range<u16> = 18_000..32_000;

/// The number of ports to try.
pub(crate) const ATTEMPTS: usize = 64;

/// The time limit for the start of a server.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(20);

/// The interval between checks whether the server is ready.
const START_PAUSE: Duration = Duration::from_millis(2);

/// A nats-server on 127.0.0.1. Drop kills the server and removes its files.
#[derive(Debug)]
pub struct NatsServer {
    binary: PathBuf,
    files: PathBuf,
    port: u16,
    has_streams: bool,
    child: Option<Child>,
}

impl NatsServer {
    /// Starts a server with default options.
    ///
    /// # Errors
    /// If no nats-server is found and the installation fails, or if the server does not start.
    pub fn start() -> Result<Self, TestServerError> {
        Self::start_with("")
    }

    /// Starts a server with `config`, in the format of its configuration files. Host and port are command line
    /// arguments and override `config`.
    ///
    /// # Errors
    /// Like [`NatsServer::start`]; also if the server refuses `config`.
    pub fn start_with(config: &str) -> Result<Self, TestServerError> {
        Self::launch_new(config, false)
    }

    /// Starts a server with `JetStream` and `config`. The streams survive [`NatsServer::kill`].
    ///
    /// # Errors
    /// Like [`NatsServer::start_with`].
    pub fn start_with_streams(config: &str) -> Result<Self, TestServerError> {
        Self::launch_new(config, true)
    }

    fn launch_new(config: &str, has_streams: bool) -> Result<Self, TestServerError> {
        let binary = binary::find()?;
        let files = new_directory()
            .map_err(|error| TestServerError::io("no directory for the server's files", &error))?;
        let mut server = Self {
            binary,
            files,
            port: 0,
            has_streams,
            child: None,
        };
        server.reconfigure(config)?;
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

    /// The address, e.g. `nats://127.0.0.1:18000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port, which stays the same after restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server without a shutdown (SIGKILL), like a crash.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Fails if the process has already ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops the process but keeps its connections open (SIGSTOP). To its clients, the server looks like a hung server
    /// or a broken network.
    ///
    /// # Errors
    /// If the system cannot send the signal.
    pub fn pause(&self) -> Result<(), TestServerError> {
        self.signal("-STOP")
    }

    /// Continues the process after [`NatsServer::pause`].
    ///
    /// # Errors
    /// If the system cannot send the signal.
    pub fn resume(&self) -> Result<(), TestServerError> {
        self.signal("-CONT")
    }

    /// Starts lame duck mode (SIGUSR2): the server accepts no new connections, closes its connections in sequence, and
    /// then exits.
    ///
    /// # Errors
    /// If the system cannot send the signal.
    pub fn retire(&self) -> Result<(), TestServerError> {
        self.signal("-USR2")
    }

    /// Replaces the configuration file, which takes effect at the next start.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn reconfigure(&self, config: &str) -> Result<(), TestServerError> {
        fs::write(self.files.join("nats.conf"), config)
            .map_err(|error| TestServerError::io("cannot write the server's configuration", &error))
    }

    /// Replaces the configuration of the running server (SIGHUP). Returns when the server uses the new configuration.
    ///
    /// # Errors
    /// If the system cannot send the signal, or the server refuses `config`.
    pub fn reload(&self, config: &str) -> Result<(), TestServerError> {
        const RELOADED: &str = "Reloaded server configuration";
        let before = self.log().matches(RELOADED).count();
        self.reconfigure(config)?;
        self.signal("-HUP")?;
        let limit = Instant::now() + START_LIMIT;
        while self.log().matches(RELOADED).count() == before {
            if Instant::now() > limit {
                let log = self.log();
                return Err(TestServerError(format!(
                    "not reloaded after {START_LIMIT:?}: {log}"
                )));
            }
            std::thread::sleep(START_PAUSE);
        }
        Ok(())
    }

    /// Kills the server if it runs, and starts it again on the same port.
    ///
    /// # Errors
    /// If the server does not start.
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

    /// Starts the server and waits until it accepts connections. Returns false if another process uses the port.
    fn launch(&mut self) -> Result<bool, TestServerError> {
        let log = File::create(self.files.join("log"));
        let log =
            log.map_err(|error| TestServerError::io("cannot create the server's log", &error))?;
        let mut command = Command::new(&self.binary);
        if self.has_streams {
            command
                .arg("--jetstream")
                .arg("--store_dir")
                .arg(&self.files);
        }
        let child = command
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
        // The server writes this file when it is ready. The file name contains the process id, whereas an open port
        // could belong to another process.
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
        // Files that cannot be removed stay in the system's temporary directory.
        let _ = fs::remove_dir_all(&self.files);
    }
}

/// Creates a unique directory that other users cannot read, because configurations contain passwords.
fn new_directory() -> io::Result<PathBuf> {
    loop {
        let name = format!("natsgen-server-{}-{}", std::process::id(), next_port());
        let directory = std::env::temp_dir().join(name);
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|()| directory),
        }
    }
}

/// Returns a port for a further listener of a server. It is probably free: each process starts at another port, and each
/// call returns the next port.
#[must_use]
pub fn next_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id().wrapping_mul(0x9e37_79b1) >> 16;
    let start = u16::try_from(start).unwrap_or_default();
    PORTS.start
        + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start)
}

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
    fn server_start_kill_restart_and_drop() {
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
    fn server_reload_replaces_the_configuration() {
        let server = NatsServer::start().unwrap();
        assert_eq!(greeting(&server), "INFO ");
        server.reload("max_payload: 1024").unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let mut info = [0; 1_024];
        let read = stream.read(&mut info).unwrap();
        let info = String::from_utf8_lossy(&info[..read]);
        assert!(info.contains("\"max_payload\":1024,"), "{info}");
        assert!(server.reload("no_such_option: 1").is_err());
    }

    #[test]
    fn server_streams_are_enabled_and_survive_a_restart() {
        let mut server = NatsServer::start_with_streams("").unwrap();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
            let mut info = [0; 1_024];
            let read = stream.read(&mut info).unwrap();
            let info = String::from_utf8_lossy(&info[..read]);
            assert!(info.contains("\"jetstream\":true"), "{info}");
            assert!(server.files.join("jetstream").is_dir());
            server.restart().unwrap();
        }
    }

    #[test]
    fn server_skips_a_used_port() {
        let mut server = NatsServer::start().unwrap();
        let other = NatsServer::start().unwrap();
        server.kill();
        server.port = other.port();
        assert_eq!(server.launch(), Ok(false));
    }

    #[test]
    fn server_refused_configuration_is_an_error_with_the_log() {
        let error = NatsServer::start_with("no_such_option: 1").unwrap_err();
        assert!(error.to_string().contains("no_such_option"), "{error}");
    }
}
