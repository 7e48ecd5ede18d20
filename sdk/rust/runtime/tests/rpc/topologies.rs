//! NATS set-ups beyond a single account of a single server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use natsgen_runtime::transport::{Message, NO_RESPONDERS, Transport};
use natsgen_runtime::{Connection, Failure, NatsOptions, NoAnswer, NotDelivered, Server, Stored};
use natsgen_testing::{NatsServer, next_port};
use tokio::time::{sleep, timeout};

use crate::fixture::{TEST_TIMEOUT, Workshop, next, reply, request, shop};
use crate::protocol::{ShopClient, ShopServer, Tool};
use crate::raw::RawClient;

async fn serve(connection: &Connection) -> Server {
    let server = ShopServer::new(Workshop::default());
    server.start(connection, &shop()).await.unwrap()
}

async fn connect(server: &NatsServer) -> Connection {
    Connection::nats(&server.url()).await.unwrap()
}

/// Calls until the servers have exchanged their subscriptions.
async fn call(client: &ShopClient) {
    let called = async {
        loop {
            match client.work(&shop(), &request("x", Tool::Reply)).await {
                Ok(answered) => return assert_eq!(answered, reply("x")),
                Err(error) => assert_eq!(
                    error.failure,
                    Failure::NotDelivered(NotDelivered::NoResponders)
                ),
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, called)
        .await
        .expect("a reply in time");
}

#[tokio::test]
async fn accounts_requests_of_an_import_are_answered() {
    let server = NatsServer::start_with(
        r#"accounts {
            A: { users: [{ user: a, password: a }], exports: [{ service: "test.workshop.>" }] }
            B: { users: [{ user: b, password: b }], imports: [{ service: { account: A, subject: "test.workshop.>" } }] }
        }"#,
    )
    .unwrap();
    let as_user = async |user: &str| {
        let options = NatsOptions::new(&server.url()).user(user, user);
        options.connect().await.unwrap()
    };
    let service = serve(&as_user("a").await).await;
    let client = ShopClient::new(&as_user("b").await);
    call(&client).await;
    let refused = client.work(&shop(), &request("x", Tool::Close)).await;
    assert!(refused.unwrap_err().fault().is_some());
    assert_eq!(service.stats().ignored, 0);
    // A client cannot use such a reply subject itself.
    let mut raw = RawClient::connect_as(
        &server,
        r#"{"verbose":false,"headers":true,"user":"a","pass":"a"}"#,
    );
    raw.publish(b"test.workshop.shop.s1.work", b"_R_.forged", b"", b"{}");
    assert!(
        raw.line()
            .contains("Permissions Violation for Publish with Reply")
    );
}

#[tokio::test]
async fn gateways_requests_between_clusters_are_answered() {
    let ports = [next_port(), next_port()];
    let start = |own: usize| {
        let names = ["east", "west"];
        let (name, port) = (names[own], ports[own]);
        let (other, other_port) = (names[1 - own], ports[1 - own]);
        NatsServer::start_with(&format!(
            "gateway {{ name: {name}, listen: \"127.0.0.1:{port}\",
                gateways: [{{ name: {other}, url: \"nats://127.0.0.1:{other_port}\" }}] }}"
        ))
        .unwrap()
    };
    let (east, west) = (start(0), start(1));
    let service = serve(&connect(&east).await).await;
    let client = ShopClient::new(&connect(&west).await);
    call(&client).await;
    call(&client).await;
    assert_eq!(service.stats().ignored, 0);
}

#[tokio::test]
async fn leaf_node_requests_in_both_directions_are_answered() {
    let port = next_port();
    let hub = format!("leafnodes {{ listen: \"127.0.0.1:{port}\" }}");
    let hub = NatsServer::start_with(&hub).unwrap();
    let leaf = format!("leafnodes {{ remotes: [{{ url: \"nats://127.0.0.1:{port}\" }}] }}");
    let leaf = NatsServer::start_with(&leaf).unwrap();
    for (server_side, client_side) in [(&hub, &leaf), (&leaf, &hub)] {
        let service = serve(&connect(server_side).await).await;
        call(&ShopClient::new(&connect(client_side).await)).await;
        assert_eq!(service.stats().ignored, 0);
        service.shutdown().await;
    }
}

/// The SDK itself connects over TCP only. A peer may use a WebSocket.
#[tokio::test(flavor = "multi_thread")]
async fn websocket_peer_exchanges_requests() {
    let port = next_port();
    let config = format!("websocket {{ listen: \"127.0.0.1:{port}\", no_tls: true }}");
    let server = NatsServer::start_with(&config).unwrap();
    let connection = connect(&server).await;
    let _service = serve(&connection).await;
    let mut peer = WebSocket::connect(port);
    let payload = r#"{"name":"x","tool":"reply"}"#;
    peer.send("CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB _INBOX.ws 1\r\n");
    peer.send(&format!(
        "PUB test.workshop.shop.s1.work _INBOX.ws {}\r\n{payload}\r\n",
        payload.len()
    ));
    let replied = peer.read_until("}\r\n");
    assert!(
        replied.contains(r#"{"product":"x","mood":"good"}"#),
        "{replied}"
    );
    peer.send("SUB test.workshop.shop.s2.work 2\r\nPING\r\n");
    peer.read_until("PONG\r\n");
    let client = ShopClient::new(&connection);
    let called = tokio::spawn(async move {
        let shop = "s2".parse().unwrap();
        client.work(&shop, &request("x", Tool::Reply)).await
    });
    let received = peer.read_until("}\r\n");
    let reply_subject = received.split(' ').nth(3).unwrap();
    let payload = r#"{"product":"y","mood":"good"}"#;
    peer.send(&format!(
        "PUB {reply_subject} {}\r\n{payload}\r\n",
        payload.len()
    ));
    assert_eq!(called.await.unwrap(), Ok(reply("y")));
}

/// A NATS client over a WebSocket (RFC 6455).
struct WebSocket {
    stream: BufReader<TcpStream>,
    text: String,
}

impl WebSocket {
    fn connect(port: u16) -> Self {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
        let handshake = format!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.get_mut().write_all(handshake.as_bytes()).unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        Self {
            stream,
            text: String::new(),
        }
    }

    /// Sends a binary frame. The mask of zeros leaves the text unchanged.
    fn send(&mut self, text: &str) {
        let size = u16::try_from(text.len()).unwrap();
        let mut frame = vec![0x82, 0xfe];
        frame.extend(size.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.stream.get_mut().write_all(&frame).unwrap();
    }

    /// Reads frames until their text contains `end`.
    fn read_until(&mut self, end: &str) -> String {
        while !self.text.contains(end) {
            let mut head = [0; 2];
            self.stream.read_exact(&mut head).unwrap();
            let size = match head[1] {
                126 => {
                    let mut size = [0; 2];
                    self.stream.read_exact(&mut size).unwrap();
                    u16::from_be_bytes(size).into()
                }
                size => usize::from(size),
            };
            let mut frame = vec![0; size];
            self.stream.read_exact(&mut frame).unwrap();
            self.text.push_str(&String::from_utf8_lossy(&frame));
        }
        std::mem::take(&mut self.text)
    }
}

/// A server with `JetStream` whose stream `S` stores the subjects of requests.
async fn start_with_stream(limit: i64) -> (NatsServer, Connection) {
    let store = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stream-{}", next_port()));
    let server =
        NatsServer::start_with(&format!("jetstream {{ store_dir: '{}' }}", store.display()))
            .unwrap();
    let transport = NatsOptions::new(&server.url())
        .connect_transport()
        .await
        .unwrap();
    let mut inbox = transport.subscribe("_INBOX.stream", None).await.unwrap();
    let create = format!(
        r#"{{"name":"S","subjects":["test.workshop.shop.>"],"storage":"memory","max_msgs":{limit},"discard":"new"}}"#
    );
    let message = Message {
        subject: "$JS.API.STREAM.CREATE.S".to_owned(),
        reply: Some("_INBOX.stream".to_owned()),
        payload: create.into(),
        ..Message::default()
    };
    transport.publish(message).await.unwrap();
    let created = next(&mut *inbox).await;
    assert_ne!(created.status, Some(NO_RESPONDERS));
    assert!(
        !String::from_utf8_lossy(&created.payload).contains("error"),
        "{created:?}"
    );
    let connection = connect(&server).await;
    (server, connection)
}

#[tokio::test]
async fn stream_over_requests_is_a_typed_failure() {
    let (_server, connection) = start_with_stream(1).await;
    let client = ShopClient::new(&connection);
    let stored = async || {
        let called = client.work(&shop(), &request("x", Tool::Reply)).await;
        let error = called.unwrap_err();
        assert!(!error.is_retryable());
        assert!(
            error
                .to_string()
                .ends_with("answered by a stream, outcome unknown"),
            "{error}"
        );
        match error.failure {
            Failure::Stored(Stored { stream, error, .. }) => (stream, error),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(stored().await, ("S".to_owned(), None));
    let full = "maximum messages exceeded".to_owned();
    assert_eq!(stored().await, ("S".to_owned(), Some(full)));
}

#[tokio::test]
async fn stream_failure_names_the_stream_and_the_fix() {
    let (_server, connection) = start_with_stream(9).await;
    let client = ShopClient::new(&connection);
    let error = client
        .work(&shop(), &request("x", Tool::Reply))
        .await
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        cause,
        "the JetStream stream `S` contains the subject of the request; remove the subjects of requests from the stream"
    );
    assert_ne!(error.failure, Failure::NoAnswer(NoAnswer::TimedOut));
}
