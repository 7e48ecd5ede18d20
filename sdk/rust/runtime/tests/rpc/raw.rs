//! A NATS client that sends any bytes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use natsgen_testing::NatsServer;

/// A client that validates nothing.
pub(crate) struct RawClient(BufReader<TcpStream>);

impl RawClient {
    pub(crate) fn connect(server: &NatsServer) -> Self {
        Self::connect_as(server, r#"{"verbose":false,"headers":true}"#)
    }

    pub(crate) fn connect_as(server: &NatsServer, options: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let mut client = Self(BufReader::new(stream));
        assert!(client.line().starts_with("INFO "));
        client.send(format!("CONNECT {options}\r\n").as_bytes());
        client.flush();
        client
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Waits until the server has handled all earlier bytes.
    pub(crate) fn flush(&mut self) {
        self.send(b"PING\r\n");
        while self.line() != "PONG\r\n" {}
    }

    /// Publishes a message with raw bytes as its header.
    pub(crate) fn publish(&mut self, subject: &[u8], reply: &[u8], header: &[u8], payload: &[u8]) {
        let verb: &[u8] = if header.is_empty() { b"PUB " } else { b"HPUB " };
        let sizes = match header.len() {
            0 => format!("{}", payload.len()),
            size => format!("{size} {}", size + payload.len()),
        };
        let parts: [&[u8]; 9] = [
            verb,
            subject,
            b" ",
            reply,
            b" ",
            sizes.as_bytes(),
            b"\r\n",
            header,
            payload,
        ];
        self.send(&parts.concat());
        self.send(b"\r\n");
    }

    /// Returns the next line of the server.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }
}
