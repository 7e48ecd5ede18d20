//! Peers that guess reply subjects.

use std::collections::HashSet;

use natsgen_runtime::transport::{Message, Transport};
use natsgen_runtime::{Connection, MemoryBroker};

use crate::fixture::{next, reply, request, shop};
use crate::protocol::{ShopClient, Tool};

const REAL: &str = r#"{"product":"real","mood":"good"}"#;
const FORGED: &str = r#"{"product":"forged","mood":"good"}"#;

/// The reply subject of a call, in parts: the inbox, the key, and the index of the call.
fn parts(subject: &str) -> (String, u64, u32) {
    let (inbox, token) = subject.rsplit_once('.').unwrap();
    let (key, index) = token.split_at(16);
    let key = u64::from_str_radix(key, 16).unwrap();
    (
        inbox.to_owned(),
        key,
        u32::from_str_radix(index, 16).unwrap(),
    )
}

/// The peer knows the reply subjects of all earlier calls.
#[tokio::test]
async fn reply_to_a_guessed_token_answers_no_call() {
    let broker = MemoryBroker::new();
    let peer = broker.connect();
    let mut requests = peer.subscribe("test.workshop.>", None).await.unwrap();
    let connection = Connection::over(broker.connect());
    let client = ShopClient::new(&connection);
    let answer = async |subject: String, payload: &'static str| {
        let message = Message {
            subject,
            payload: payload.into(),
            ..Message::default()
        };
        peer.publish(message).await.unwrap();
    };
    let (mut keys, mut distances) = (HashSet::new(), HashSet::new());
    let mut last = None;
    for _ in 0..200 {
        let attack = async {
            let subject = next(&mut *requests).await.reply.unwrap();
            let (inbox, key, index) = parts(&subject);
            assert!(keys.insert(key), "a key repeats");
            if let Some((last_key, last_index)) = last.replace((key, index)) {
                distances.insert(key.wrapping_sub(last_key));
                for step in 0..8_u64 {
                    for guess in [
                        last_key.wrapping_add(step),
                        last_key.wrapping_add(step << 32),
                    ] {
                        for index in [last_index, last_index + 1] {
                            answer(format!("{inbox}.{guess:016x}{index:x}"), FORGED).await;
                        }
                    }
                }
                for malformed in ["", "0", "000000000000000", "+00000000000000001", "x"] {
                    answer(format!("{inbox}.{malformed}z"), FORGED).await;
                }
            }
            answer(subject, REAL).await;
        };
        let (shop, request) = (shop(), request("x", Tool::Reply));
        let (called, ()) = futures_util::future::join(client.work(&shop, &request), attack).await;
        assert_eq!(called, Ok(reply("real")));
    }
    assert_eq!(distances.len(), 199, "the distance of two keys repeats");
    assert_eq!(connection.pending_requests(), 0);
    assert!(connection.late_answers() > 199 * 32);
}

#[tokio::test]
async fn request_ids_do_not_repeat() {
    const COUNT: usize = 200_000;
    let connections = [Connection::memory(), Connection::memory()];
    let ids = connections
        .iter()
        .flat_map(|connection| (0..COUNT).map(|_| connection.new_request_id()));
    assert_eq!(ids.collect::<HashSet<_>>().len(), 2 * COUNT);
}
