//! A NATS client that writes frames as bytes, also frames that no library sends.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::task::JoinHandle;

/// Headers that a client library may refuse: a wrong version, no version, no colon, a status of three signs or more, a
/// status below 100, and bytes that are no UTF-8.
const HEADERS: [&[u8]; 9] = [
    b"NATS/9.9\r\n\r\n",
    b"\r\n\r\n",
    b"NATS/1.0\r\nno colon\r\n\r\n",
    b"NATS/1.0 99\r\n\r\n",
    b"NATS/1.0 9999\r\n\r\n",
    b"NATS/1.0 abc\r\n\r\n",
    b"NATS/1.0\r\nA: \xff\xfe\r\n\r\n",
    b"NATS/1.0\r\n: empty\r\n\r\n",
    b"NATS/1.0\r\nA: b",
];

/// Tokens that are no UTF-8.
const TOKENS: [&[u8]; 2] = [b"\xff\xfe", b"\xc3("];

/// A connection that has sent `CONNECT`.
pub(crate) struct Frames {
    stream: OwnedWriteHalf,
    /// Reads and drops the lines of the server.
    reading: JoinHandle<()>,
}

impl Frames {
    /// Connects to the server on `port` of this machine.
    pub(crate) async fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (mut input, mut stream) = stream.into_split();
        stream
            .write_all(b"CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\n")
            .await?;
        let reading = tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while matches!(input.read(&mut bytes).await, Ok(read) if read > 0) {}
        });
        Ok(Self { stream, reading })
    }

    /// The frames that each damage the reader of `subject` in another way.
    pub(crate) fn malformed(subject: &str) -> Vec<Vec<u8>> {
        let subject = subject.as_bytes();
        let mut frames: Vec<_> = HEADERS
            .iter()
            .map(|header| headed(subject, b"_INBOX.x", header))
            .collect();
        for token in TOKENS {
            frames.push(headed(
                subject,
                &[&b"_INBOX."[..], token].concat(),
                b"NATS/1.0\r\n\r\n",
            ));
            // Matches only a wildcard of the reader.
            let last = subject.iter().rposition(|byte| *byte == b'.').unwrap_or(0);
            let odd = [&subject[..=last], token].concat();
            frames.push(headed(&odd, b"_INBOX.x", b"NATS/1.0\r\n\r\n"));
        }
        frames
    }

    /// Writes a frame. An error means that the server has closed the connection.
    pub(crate) async fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.stream.write_all(frame).await
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// A `HPUB` frame with the payload `{}`.
fn headed(subject: &[u8], reply: &[u8], header: &[u8]) -> Vec<u8> {
    let payload = b"{}";
    let sizes = format!(" {} {}\r\n", header.len(), header.len() + payload.len());
    [
        &b"HPUB "[..],
        subject,
        b" ",
        reply,
        sizes.as_bytes(),
        header,
        payload,
        b"\r\n",
    ]
    .concat()
}
