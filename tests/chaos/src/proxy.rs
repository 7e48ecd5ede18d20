//! A TCP proxy whose connections can be closed, blocked and delayed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// The number of chunks in transit in each direction.
const CHUNKS: usize = 64;

/// The largest chunk, in bytes.
const CHUNK: usize = 16_384;

/// A proxy to a port of this machine. Dropping it closes its connections.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    state: Arc<watch::Sender<LinkState>>,
    accepting: JoinHandle<()>,
}

/// The state of the proxy's connections.
#[derive(Clone, Copy, Debug, Default)]
struct LinkState {
    /// Whether bytes are held back while connections stay open.
    is_blocked: bool,
    delay: Duration,
    /// The number of times that all connections were closed.
    closings: u64,
}

impl Proxy {
    /// Starts a proxy to port `target` of this machine.
    pub(crate) async fn start(target: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(watch::Sender::new(LinkState::default()));
        let accepting = tokio::spawn(accept(listener, target, Arc::clone(&state)));
        Ok(Self {
            port,
            state,
            accepting,
        })
    }

    /// The host and the port of the proxy.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The URL of the proxy to a NATS server.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Closes all connections at once, and accepts new connections.
    pub(crate) fn disconnect(&self) {
        self.state.send_modify(|link| link.closings += 1);
    }

    /// Holds back all bytes without closing a connection on either side.
    pub(crate) fn block(&self) {
        self.state.send_modify(|link| link.is_blocked = true);
    }

    /// Passes bytes again on new connections, and closes the blocked connections.
    pub(crate) fn heal(&self) {
        self.state.send_modify(|link| {
            link.is_blocked = false;
            link.closings += 1;
        });
    }

    /// Delays all bytes by `delay` in each direction.
    pub(crate) fn delay(&self, delay: Duration) {
        self.state.send_modify(|link| link.delay = delay);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: u16, state: Arc<watch::Sender<LinkState>>) {
    // The connections end with this task.
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let link = state.subscribe();
        connections.spawn(async move {
            let closings = link.borrow().closings;
            let mut closed = link.clone();
            tokio::select! {
                // An error means that a side has closed the connection.
                _ = relay(near, target, link) => {}
                _ = closed.wait_for(|link| link.closings > closings) => {}
            }
        });
    }
}

async fn relay(near: TcpStream, target: u16, link: watch::Receiver<LinkState>) -> io::Result<()> {
    let far = TcpStream::connect(("127.0.0.1", target)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        ended = copy(near_in, far_out, link.clone()) => ended,
        ended = copy(far_in, near_out, link) => ended,
    }
}

/// Copies bytes in a single direction. Each chunk is delayed by the setting at its arrival.
async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    link: watch::Receiver<LinkState>,
) -> io::Result<()> {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS);
    let now = link.clone();
    let reading = async {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = from.read(&mut chunk).await?;
            let due = Instant::now() + now.borrow().delay;
            if read == 0 || sender.send((due, chunk[..read].to_vec())).await.is_err() {
                return Ok::<_, io::Error>(());
            }
        }
    };
    let mut blocking = link;
    let writing = async {
        while let Some((due, chunk)) = receiver.recv().await {
            sleep_until(due).await;
            if blocking.wait_for(|link| !link.is_blocked).await.is_err() {
                return Ok(());
            }
            to.write_all(&chunk).await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = reading => ended,
        ended = writing => ended,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    /// A server that sends each byte back.
    async fn echo() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        stream.write_u8(byte).await.expect("an open stream");
                    }
                });
            }
        });
        port
    }

    async fn echoed(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn proxy_delays_blocks_and_disconnects() {
        let proxy = Proxy::start(echo().await).await.expect("a proxy");
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port))
            .await
            .expect("a stream");
        assert_eq!(echoed(&mut stream, 1).await.expect("an echo"), 1);
        proxy.delay(Duration::from_millis(20));
        let started = Instant::now();
        assert_eq!(echoed(&mut stream, 2).await.expect("an echo"), 2);
        assert!(started.elapsed() >= Duration::from_millis(40), "each way");
        proxy.block();
        let waiting = timeout(Duration::from_millis(100), echoed(&mut stream, 3));
        waiting.await.expect_err("nothing passes");
        proxy.heal();
        stream.read_u8().await.expect_err("a closed stream");
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port))
            .await
            .expect("a stream");
        assert_eq!(echoed(&mut stream, 4).await.expect("an echo"), 4);
        proxy.disconnect();
        stream.read_u8().await.expect_err("a closed stream");
    }
}
