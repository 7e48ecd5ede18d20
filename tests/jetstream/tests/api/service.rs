//! A server with this library writes errors in the form of the protocol.

use std::time::Duration;

use jetstream::protocol::jetstream::{
    JetstreamClient, MessageGetFault, MessageGetReply, MessageGetRequest, StreamInfoFault,
    StreamInfoReply, StreamInfoRequest,
};
use jetstream::protocol::subject;
use natsgen_runtime::generated::{Call, Listen, Router};
use natsgen_runtime::transport::Message;
use natsgen_runtime::{Connection, Failure, Refused, Server, StandardFault};
use serde_json::{Value, json};

use crate::fixture::{by_sequence, fault, stream};

/// Two operations of a server that refuses all requests. A request for the message 0 panics.
async fn serve(connection: &Connection) -> Server {
    let listen = |pattern| Listen {
        pattern,
        queue: None,
    };
    let router = Router::new(())
        .operation(|_, _: Call<StreamInfoRequest>| async {
            Err::<StreamInfoReply, _>(StreamInfoFault::StreamNotFound)
        })
        .operation(|_, call: Call<MessageGetRequest>| async move {
            assert_ne!(call.request.seq, Some(0));
            Err::<MessageGetReply, _>(MessageGetFault::InvalidRequest)
        });
    let listens = [listen("STREAM.INFO.{stream}"), listen("STREAM.MSG.>")];
    router
        .start(connection, &subject::PREFIX, &listens, &[])
        .await
        .unwrap()
}

/// The payload of the reply to a raw request.
async fn ask(connection: &Connection, tail: &str, payload: &'static str) -> Value {
    let message = Message {
        subject: format!("$JS.API.{tail}"),
        payload: payload.into(),
        ..Message::default()
    };
    let reply = connection
        .exchange(message, Duration::from_secs(10))
        .await
        .unwrap();
    serde_json::from_slice(&reply.payload).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn service_writes_declared_and_standard_errors() {
    let connection = Connection::memory();
    let server = serve(&connection).await;
    for (tail, payload, expected) in [
        (
            "STREAM.INFO.A",
            "{}",
            json!({ "description": "stream not found", "err_code": 10059, "code": 404 }),
        ),
        (
            "STREAM.INFO.A",
            "[]",
            json!({ "description": "bad request: expected an object", "err_code": 400, "code": 400 }),
        ),
        (
            "STREAM.MSG.GET.A",
            r#"{"seq": -1}"#,
            json!({ "description": "bad request: expected an integer from 0 to 18446744073709551615 at /seq", "err_code": 400, "code": 400 }),
        ),
        (
            "STREAM.MSG.PUT.A",
            "{}",
            json!({ "description": "unknown command: PUT.A", "err_code": 404, "code": 404 }),
        ),
    ] {
        let reply = ask(&connection, tail, payload).await;
        assert_eq!(reply, json!({ "error": expected }), "{tail} {payload}");
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_reads_the_errors_of_the_service() {
    let connection = Connection::memory();
    let server = serve(&connection).await;
    let client = JetstreamClient::new(&connection);
    let called = client
        .stream_info(&stream("A"), &StreamInfoRequest::new())
        .await;
    assert_eq!(fault(called), StreamInfoFault::StreamNotFound);
    let called = client.message_get(&stream("A"), &by_sequence(1)).await;
    assert_eq!(fault(called), MessageGetFault::InvalidRequest);
    let called = client.message_get(&stream("A"), &by_sequence(0)).await;
    let expected = Failure::Refused(Refused::Standard(StandardFault::Internal));
    assert_eq!(called.unwrap_err().failure, expected);
    server.shutdown().await;
}
