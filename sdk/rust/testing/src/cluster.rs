//! Several servers with routes to each other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::error::TestServerError;
use crate::server::{ATTEMPTS, NatsServer, START_LIMIT, next_port};

/// The interval between checks of the routes.
const PAUSE: Duration = Duration::from_millis(10);

/// Servers on 127.0.0.1 that form a cluster. Drop kills the servers and removes their files.
#[derive(Debug)]
pub struct NatsCluster {
    servers: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    server: NatsServer,
    /// The port of the HTTP monitor, which reports the number of routes.
    monitor: u16,
    is_up: bool,
}

impl NatsCluster {
    /// Starts `servers` servers with default options. Waits until each server has a route to each other server.
    ///
    /// # Errors
    /// Like [`NatsServer::start`]; also if the servers do not connect to each other.
    pub fn start(servers: usize) -> Result<Self, TestServerError> {
        Self::start_with(servers, "")
    }

    /// Starts the servers with `config` in each configuration file, in the format of the server. Names, ports and
    /// routes are added.
    ///
    /// # Errors
    /// Like [`NatsCluster::start`].
    pub fn start_with(servers: usize, config: &str) -> Result<Self, TestServerError> {
        let mut failure = TestServerError("no port was tried".to_owned());
        for _ in 0..ATTEMPTS {
            match Self::attempt(servers, config) {
                Ok(cluster) => {
                    cluster.until_formed()?;
                    return Ok(cluster);
                }
                // The configuration contains the ports of the routes, so a used port requires a new configuration.
                Err(error) if error.is_port_in_use() => failure = error,
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    /// The addresses of all servers, separated by commas.
    #[must_use]
    pub fn url(&self) -> String {
        let urls = self.servers.iter().map(|member| member.server.url());
        urls.collect::<Vec<_>>().join(",")
    }

    /// Returns the server with this index, starting at 0.
    ///
    /// # Panics
    /// If the index is out of range.
    #[must_use]
    pub fn server(&self, index: usize) -> &NatsServer {
        &self.servers[index].server
    }

    /// Kills the server with this index, starting at 0 (SIGKILL).
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn kill(&mut self, index: usize) {
        self.servers[index].server.kill();
        self.servers[index].is_up = false;
    }

    /// Kills the server with this index if it runs, and starts it again on the same ports. Waits until all running
    /// servers have routes to each other.
    ///
    /// # Errors
    /// If the server does not start, or the servers do not connect to each other.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn restart(&mut self, index: usize) -> Result<(), TestServerError> {
        self.servers[index].server.restart()?;
        self.servers[index].is_up = true;
        self.until_formed()
    }

    fn attempt(count: usize, more: &str) -> Result<Self, TestServerError> {
        let routes: Vec<_> = (0..count).map(|_| next_port()).collect();
        let mut servers = Vec::with_capacity(count);
        for (index, route) in routes.iter().enumerate() {
            let others = routes.iter().filter(|other| *other != route);
            let others = others.map(|port| format!("nats://127.0.0.1:{port}"));
            let others = others.collect::<Vec<_>>().join(", ");
            let monitor = next_port();
            // A single route for each pair of servers, so that the count is exact.
            let config = format!(
                "server_name: n{index}\nhttp: \"127.0.0.1:{monitor}\"\n\
                 cluster {{ name: test, listen: \"127.0.0.1:{route}\", pool_size: -1, routes: [{others}] }}\n{more}"
            );
            servers.push(Member {
                server: NatsServer::start_with(&config)?,
                monitor,
                is_up: true,
            });
        }
        Ok(Self { servers })
    }

    /// Waits until each running server has a route to each other running server.
    fn until_formed(&self) -> Result<(), TestServerError> {
        let limit = Instant::now() + START_LIMIT;
        let others = self.up().count().saturating_sub(1);
        for member in self.up() {
            loop {
                let routes = routes(member.monitor)
                    .map_err(|error| TestServerError::io("no word of routes", &error))?;
                if routes == others {
                    break;
                }
                if Instant::now() > limit {
                    let told = format!("{routes} of {others} routes after {START_LIMIT:?}");
                    return Err(TestServerError(told));
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    fn up(&self) -> impl Iterator<Item = &Member> {
        self.servers.iter().filter(|member| member.is_up)
    }
}

/// The number of routes that a server reports.
fn routes(monitor: u16) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect(("127.0.0.1", monitor))?;
    stream.write_all(b"GET /routez HTTP/1.0\r\n\r\n")?;
    let mut told = String::new();
    stream.read_to_string(&mut told)?;
    Ok(told.matches("\"remote_id\"").count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_has_all_routes_after_start_and_restart() {
        let mut cluster = NatsCluster::start(3).unwrap();
        let url = cluster.server(1).url();
        assert!(cluster.url().contains(&format!(",{url},")));
        cluster.kill(1);
        assert!(TcpStream::connect(("127.0.0.1", cluster.server(1).port())).is_err());
        cluster.restart(1).unwrap();
        assert!(
            cluster
                .servers
                .iter()
                .all(|member| routes(member.monitor).unwrap() == 2)
        );
    }
}
