//! Servers that are connected by a gateway and a leaf node, each link through a proxy.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use natsgen_testing::NatsServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::Failure;
use crate::proxy::Proxy;

/// Ports below those of other servers of the tests, and below the ephemeral ports.
const PORTS: std::ops::Range<u16> = 14_000..18_000;

/// A server needs a system account for gateways together with leaf nodes. Clients have no credentials.
const ACCOUNTS: &str = "\
accounts { SYS: { users: [{ user: system, password: s }] }, APP: { users: [{ user: app, password: a }] } }
system_account: SYS
no_auth_user: app
";

/// How long the servers may take to connect.
const LIMIT: Duration = Duration::from_secs(20);

/// The pause between two looks at the links.
const PAUSE: Duration = Duration::from_millis(50);

/// Two servers connected by a gateway, and a leaf node of the first server.
pub(crate) struct Topology {
    servers: Vec<NatsServer>,
    /// The links from the first server to the second, from the second to the first, and from the leaf node.
    links: [Proxy; 3],
}

impl Topology {
    /// Starts the servers, and waits until they are connected.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let (near, far, leaf) = (free_port()?, free_port()?, free_port()?);
        let (to_near, to_far) = (Proxy::start(near).await?, Proxy::start(far).await?);
        let to_leaf = Proxy::start(leaf).await?;
        let gateway = |name: &str, port: u16, own: &Proxy, other: &str, url: &Proxy| {
            format!(
                "{ACCOUNTS}server_name: {name}\ngateway {{ name: {name}, listen: \"127.0.0.1:{port}\", advertise: \"{}\", \
                 gateways: [{{ name: {other}, url: \"{}\" }}] }}\n",
                own.address(),
                url.url(),
            )
        };
        let monitors = [free_port()?, free_port()?];
        let first = format!(
            "{}leafnodes {{ listen: \"127.0.0.1:{leaf}\" }}\nhttp: \"127.0.0.1:{}\"\n",
            gateway("near", near, &to_near, "far", &to_far),
            monitors[0],
        );
        let second = format!(
            "{}http: \"127.0.0.1:{}\"\n",
            gateway("far", far, &to_far, "near", &to_near),
            monitors[1],
        );
        let third = format!(
            "server_name: leaf\nleafnodes {{ reconnect: 1s, remotes: [{{ url: \"nats://app:a@{}\" }}] }}\n",
            to_leaf.address(),
        );
        let mut servers = Vec::new();
        for config in [first, second, third] {
            servers.push(NatsServer::start_with(&config)?);
        }
        until_linked(
            monitors[0],
            "/gatewayz",
            "\"outbound_gateways\": {\n    \"far\"",
        )
        .await?;
        until_linked(
            monitors[1],
            "/gatewayz",
            "\"outbound_gateways\": {\n    \"near\"",
        )
        .await?;
        until_linked(monitors[0], "/leafz", "\"leafnodes\": 1").await?;
        Ok(Self {
            servers,
            links: [to_far, to_near, to_leaf],
        })
    }

    /// The URLs of the servers.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.servers.iter().map(NatsServer::url).collect()
    }

    /// Cuts the gateway or the leaf node off. Connections stay open.
    pub(crate) fn cut(&self, is_gateway: bool) {
        self.links(is_gateway).iter().for_each(Proxy::block);
    }

    /// Closes the connections of a link, which the servers open again.
    pub(crate) fn disconnect(&self, is_gateway: bool) {
        self.links(is_gateway).iter().for_each(Proxy::disconnect);
    }

    /// Ends a cut.
    pub(crate) fn heal(&self, is_gateway: bool) {
        self.links(is_gateway).iter().for_each(Proxy::heal);
    }

    fn links(&self, is_gateway: bool) -> &[Proxy] {
        if is_gateway {
            &self.links[..2]
        } else {
            &self.links[2..]
        }
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> Result<u16, Failure> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 4_000)?;
    for _ in PORTS {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(start);
        let port = PORTS.start + offset % (PORTS.end - PORTS.start);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no free port".into())
}

/// Waits until the monitor of a server reports `expected`.
async fn until_linked(monitor: u16, path: &str, expected: &str) -> Result<(), Failure> {
    let limit = Instant::now() + LIMIT;
    loop {
        let mut stream = TcpStream::connect(("127.0.0.1", monitor)).await?;
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut report = String::new();
        stream.read_to_string(&mut report).await?;
        if report.contains(expected) {
            return Ok(());
        }
        if Instant::now() > limit {
            return Err(format!("{path} does not report {expected}: {report}").into());
        }
        sleep(PAUSE).await;
    }
}
