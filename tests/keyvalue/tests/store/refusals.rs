//! Messages that violate the schema are refused on either side.

use std::time::Duration;

use futures_util::StreamExt as _;
use keyvalue::protocol::types::{BucketName, Content, ContentNumber, Key};
use natsgen_runtime::transport::{Message, NO_RESPONDERS};
use natsgen_runtime::{Failure, Limited, Ranged, Secs, Violation};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::fixture::{ALICE, Fixture, TEST_TIMEOUT, bucket, key, put};
use crate::network::{Network, over_both_transports};

over_both_transports! {
    invalid_request_is_refused_with_its_pointer
}

/// Requests that violate the schema: subject, payload, and the place in the error.
fn wrong_requests() -> Vec<(&'static str, Value, &'static str)> {
    let mut wrong = vec![
        ("key.Upper.k.get", json!({}), ""),
        ("key.b.a:b.get", json!({}), ""),
        ("key.b.k.get", json!({ "unknown": 1 }), ""),
        ("key.b.k.get", json!({ "revision": 0 }), "/revision"),
        ("key.b.k.get", json!({ "revision": null }), "/revision"),
        ("key.b.k.get", json!([1]), ""),
        ("bucket.b.list", json!({ "limit": 0 }), "/limit"),
        ("bucket.b.list", json!({ "limit": 1_001 }), "/limit"),
        ("bucket.b.list", json!({ "order": "by_size" }), "/order"),
    ];
    let good = json!({ "writer": ALICE, "content": "Empty", "note": null });
    wrong.extend(wrong_members().map(|(member, value, pointer)| {
        let mut request = good.clone();
        request[member] = value;
        ("key.b.k.put", request, pointer)
    }));
    let without_note = json!({ "writer": ALICE, "content": "Empty" });
    wrong.push(("key.b.k.put", without_note, ""));
    wrong
}

/// Members that make a valid `put` invalid, and the place in the error.
fn wrong_members() -> impl Iterator<Item = (&'static str, Value, &'static str)> {
    let long = || "x".repeat(257);
    [
        ("writer", json!("alice"), "/writer"),
        ("note", json!(long()), "/note"),
        ("mode", json!("upsert"), "/mode"),
        ("ttl_secs", json!(0), "/ttl_secs"),
        ("priority", json!(101), "/priority"),
        ("priority", json!(-101), "/priority"),
        ("priority", json!(200), "/priority"),
        ("aliases", json!([]), "/aliases"),
        ("aliases", json!(["a", "b.c"]), "/aliases/1"),
        ("aliases", json!(vec!["a"; 9]), "/aliases"),
        ("labels", json!({ "Big": "" }), "/labels"),
        ("labels", json!({ "a": 1 }), "/labels/a"),
        ("labels", json!({ "a": long() }), "/labels/a"),
        ("content", json!("Other"), "/content"),
        ("content", json!({ "Other": 1 }), "/content"),
        ("content", json!({ "Text": 1 }), "/content/Text"),
        ("content", json!({ "Number": 1.1e15 }), "/content/Number"),
        ("content", json!({ "Text": "a", "Number": 1 }), "/content"),
    ]
    .into_iter()
}

async fn invalid_request_is_refused_with_its_pointer(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let transport = network.transport().await;
    let mut answers = transport.subscribe("_INBOX.raw", None).await.unwrap();
    for (tail, payload, pointer) in wrong_requests() {
        let request = Message {
            subject: format!("kv.{tail}"),
            reply: Some("_INBOX.raw".to_owned()),
            payload: payload.to_string().into(),
            ..Message::default()
        };
        transport.publish(request).await.unwrap();
        let answer = timeout(TEST_TIMEOUT, answers.next())
            .await
            .unwrap()
            .unwrap();
        let body: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(body["code"], "bad_request", "{tail} {payload}: {body}");
        assert_eq!(body["pointer"], pointer, "{tail} {payload}");
    }
    assert!(fixture.state.begun().is_empty(), "nothing was executed");

    // No server receives a subject without an operation.
    let request = Message {
        subject: "kv.key.b.k.reboot".to_owned(),
        reply: Some("_INBOX.raw".to_owned()),
        ..Message::default()
    };
    transport.publish(request).await.unwrap();
    let answer = timeout(TEST_TIMEOUT, answers.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.status, Some(NO_RESPONDERS));
    fixture.put(("b", "k"), &put(ALICE, "x")).await.unwrap();
}

/// Invalid requests of a client fail before they are sent.
#[tokio::test]
async fn invalid_request_is_not_sent() {
    fn check<T>(value: Result<T, Violation>, expected: &str) {
        let violation = value.err().expect("it cannot be made");
        assert_eq!(violation.reason(), expected);
    }
    let ttl = Secs::<1, 31_536_000>::try_from(Duration::ZERO);
    check(ttl, "expected 1 to 31536000 seconds");
    let priority = Ranged::<i8, -100, 100>::try_from(-101);
    check(priority, "expected an integer from -100 to 100");
    let aliases = Limited::<Vec<Key>, 1, 8>::try_from(vec![]);
    check(aliases, "expected at least 1 items");
    check(
        ContentNumber::try_from(f64::NAN),
        "expected a number from -1000000000000000 to 1000000000000000",
    );
    for bad in ["", "A", "a.b", "*", ">", "a b", "ä", &"a".repeat(33)] {
        assert!(BucketName::try_from(bad).is_err(), "{bad:?}");
    }

    let fixture = Fixture::new(&Network::memory(), 1).await;
    let content = Content::Unknown("Later".into());
    let mut request = put(ALICE, "x");
    request.content = content;
    let put = fixture.client.put(&bucket("b"), &key("k"), &request).await;
    let error = put.unwrap_err();
    let Failure::NotEncoded(error) = error.failure else {
        panic!("{error:?}");
    };
    assert_eq!(error.pointer, "/content");
    assert!(fixture.state.begun().is_empty());
}
