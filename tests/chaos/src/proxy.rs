//! A cable of ours: connections to a server that can be cut, made deaf and delayed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How much may be on its way in each direction: as many pieces.
const PIECES: usize = 64;

/// How large a piece is at most, in bytes.
const PIECE: usize = 16_384;

/// A cable to a port of this machine. Dropped, it is cut.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    weather: Arc<watch::Sender<Cable>>,
    accepting: JoinHandle<()>,
}

/// The state of a cable.
#[derive(Clone, Copy, Debug, Default)]
struct Cable {
    /// Whether nothing passes, without a word.
    is_deaf: bool,
    delay: Duration,
    /// How often it was cut.
    cuts: u64,
}

impl Proxy {
    /// A cable to `target`.
    pub(crate) async fn start(target: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let weather = Arc::new(watch::Sender::new(Cable::default()));
        let accepting = tokio::spawn(accept(listener, target, Arc::clone(&weather)));
        Ok(Self {
            port,
            weather,
            accepting,
        })
    }

    /// Where to connect.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends all connections at once; new ones are taken.
    pub(crate) fn cut(&self) {
        self.weather.send_modify(|cable| cable.cuts += 1);
    }

    /// Lets nothing pass any more, and tells nobody: connections stay open on both sides.
    pub(crate) fn deafen(&self) {
        self.weather.send_modify(|cable| cable.is_deaf = true);
    }

    /// Lets everything pass again, on connections that come from now on; those that were deaf are ended.
    pub(crate) fn heal(&self) {
        self.weather.send_modify(|cable| {
            cable.is_deaf = false;
            cable.cuts += 1;
        });
    }

    /// Delivers everything so much later.
    pub(crate) fn delay(&self, delay: Duration) {
        self.weather.send_modify(|cable| cable.delay = delay);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: u16, weather: Arc<watch::Sender<Cable>>) {
    // Connections end with this task.
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let cable = weather.subscribe();
        connections.spawn(async move {
            let cuts = cable.borrow().cuts;
            let mut cut = cable.clone();
            tokio::select! {
                // Errors say that either side has gone.
                _ = carry(near, target, cable) => {}
                _ = cut.wait_for(|cable| cable.cuts > cuts) => {}
            }
        });
    }
}

async fn carry(near: TcpStream, target: u16, cable: watch::Receiver<Cable>) -> io::Result<()> {
    let far = TcpStream::connect(("127.0.0.1", target)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        ended = pass(near_in, far_out, cable.clone()) => ended,
        ended = pass(far_in, near_out, cable) => ended,
    }
}

/// Carries bytes one way, each as much later as was said when it came.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    cable: watch::Receiver<Cable>,
) -> io::Result<()> {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    let now = cable.clone();
    let taking = async {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).await?;
            let due = Instant::now() + now.borrow().delay;
            if read == 0 || sender.send((due, piece[..read].to_vec())).await.is_err() {
                return Ok::<_, io::Error>(());
            }
        }
    };
    let mut hearing = cable;
    let giving = async {
        while let Some((due, piece)) = receiver.recv().await {
            sleep_until(due).await;
            if hearing.wait_for(|cable| !cable.is_deaf).await.is_err() {
                return Ok(());
            }
            to.write_all(&piece).await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = taking => ended,
        ended = giving => ended,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    /// A server that answers each byte with itself.
    async fn echo() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        stream.write_u8(byte).await.expect("it is read");
                    }
                });
            }
        });
        port
    }

    async fn said(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cable_carries_is_deaf_and_is_cut() {
        let proxy = Proxy::start(echo().await).await.expect("a proxy");
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port))
            .await
            .expect("a stream");
        assert_eq!(said(&mut stream, 1).await.expect("an echo"), 1);
        proxy.delay(Duration::from_millis(20));
        let started = Instant::now();
        assert_eq!(said(&mut stream, 2).await.expect("an echo"), 2);
        assert!(started.elapsed() >= Duration::from_millis(40), "each way");
        proxy.deafen();
        let waiting = timeout(Duration::from_millis(100), said(&mut stream, 3));
        waiting.await.expect_err("nothing passes");
        proxy.heal();
        stream.read_u8().await.expect_err("it is cut");
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port))
            .await
            .expect("a stream");
        assert_eq!(said(&mut stream, 4).await.expect("an echo"), 4);
        proxy.cut();
        stream.read_u8().await.expect_err("it is cut");
    }
}
