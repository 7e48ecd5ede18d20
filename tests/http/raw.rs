//! Requests and answers over HTTP without a client or server of this project.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Any free port of this machine.
pub(crate) fn local() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Sends a request as text. Returns the status and the JSON body.
pub(crate) async fn send(address: SocketAddr, head: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let length = body.len();
    let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
    let request = format!(
        "{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("a response in UTF-8");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = serde_json::from_str(body).unwrap_or(Value::String(body.to_owned()));
    (status.expect("a status"), body)
}

/// Starts a server that answers the first request of each connection in this way; each line of `headers` ends with CRLF.
/// Returns its address.
pub(crate) async fn answer_all(status: u16, headers: &str, body: &str) -> SocketAddr {
    let listener = TcpListener::bind(local()).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status} Recorded\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            stream
                .write_all(response.as_bytes())
                .await
                .expect("the client reads");
        }
    });
    address
}

/// Reads a request, whose header names the length of its body.
async fn read_request(stream: &mut TcpStream) {
    let (mut request, mut left) = (String::new(), None);
    let mut part = [0; 4096];
    while left != Some(0) {
        let count = stream.read(&mut part).await.expect("a request");
        assert!(count > 0, "the request is complete");
        request += std::str::from_utf8(&part[..count]).expect("a request in ASCII");
        left = request.split_once("\r\n\r\n").map(|(head, body)| {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.parse::<usize>().expect("a length"))
            });
            length.unwrap_or(0).saturating_sub(body.len())
        });
    }
}
