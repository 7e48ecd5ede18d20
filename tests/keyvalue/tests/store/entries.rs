//! Entries can be written, read, listed and removed.

use std::collections::BTreeMap;

use keyvalue::protocol::store::{
    GetFault, ListRequest, ListRequestOrder, PutFault, PutMode, PutRequest, RemoveFault,
};
use keyvalue::protocol::types::{Content, LabelName, Labels};
use natsgen_runtime::{Secs, Value};
use serde_json::json;

use crate::fixture::{ALICE, BOB, Fixture, bucket, key, number, put, text};
use crate::network::{Network, over_both_transports};
use crate::store::remaining_ttl;

over_both_transports! {
    put_entry_can_be_read
    put_and_get_keep_every_content_and_option
    put_with_an_old_revision_reports_the_current_revision
    put_separates_buckets_and_keys
    list_returns_the_keys_of_a_bucket
}

async fn put_entry_can_be_read(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let colour = ("settings", "colour");
    assert_eq!(fixture.get(colour, None).await, Err(GetFault::KeyNotFound));
    let reply = fixture.put(colour, &put(ALICE, "blue")).await.unwrap();
    assert_eq!((reply.revision, reply.replaced), (number(1), None));
    let reply = fixture.put(colour, &put(BOB, "red")).await.unwrap();
    assert_eq!(
        (reply.revision, reply.replaced),
        (number(2), Some(number(1)))
    );
    let got = fixture.get(colour, None).await.unwrap();
    assert_eq!((got.content, got.revision), (text("red"), number(2)));
    assert_eq!(got.written_at.as_str(), "2026-01-01T00:00:02Z");
    assert_eq!(fixture.remove(colour, None).await, Ok(3));
    assert_eq!(
        fixture.remove(colour, None).await,
        Err(RemoveFault::KeyNotFound)
    );
    assert_eq!(fixture.get(colour, None).await, Err(GetFault::KeyNotFound));
    let old = fixture.get(colour, Some(1)).await.unwrap();
    assert_eq!((old.content, old.revision), (text("blue"), number(1)));
}

async fn put_and_get_keep_every_content_and_option(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let contents = [
        Content::Empty,
        text(""),
        text("ä \u{1f600} \"\\\u{0}\r\n"),
        text(&"ä".repeat(65_536)),
        Content::Number((-1e15).try_into().unwrap()),
        Content::Number(0.1.try_into().unwrap()),
        Content::Json(Value::Null),
        Content::Json(json!("Empty").into()),
        Content::Json(json!({ "Text": [1, -1, 1.5, u64::MAX, i64::MIN, null, true, {}] }).into()),
    ];
    let labels = |value: &str| {
        let name = LabelName::try_from("origin").unwrap();
        let labels = BTreeMap::from([(name, value.try_into().unwrap())]);
        Labels(labels.try_into().unwrap())
    };
    for content in contents {
        let mut request = put(ALICE, "");
        request.content = content.clone();
        request.ttl = Some(Secs::from_static(365 * 24 * 60 * 60));
        request.priority = (-100).try_into().unwrap();
        request.note = Some("für später".try_into().unwrap());
        request.labels = labels("import");
        request.aliases = Some(vec![key("k2"), key("k3")].try_into().unwrap());
        fixture.put(("b", "k1"), &request).await.unwrap();
        for name in ["k1", "k2", "k3"] {
            let got = fixture.get(("b", name), None).await.unwrap();
            assert_eq!(
                (&got.content, got.ttl),
                (&content, request.ttl.map(remaining_ttl))
            );
            assert_eq!(got.labels, labels("import"));
        }
    }
    fixture.put(("b", "plain"), &put(ALICE, "x")).await.unwrap();
    let got = fixture.get(("b", "plain"), None).await.unwrap();
    assert_eq!((got.ttl, got.labels), (None, Labels::default()));
}

async fn put_with_an_old_revision_reports_the_current_revision(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let at = ("settings", "colour");
    let conditional = |mode, expected: Option<u64>| {
        let mut request = put(ALICE, "x");
        request.mode = mode;
        request.expected_revision = expected.map(number);
        request
    };
    let conflict = |detail: &str| Err(PutFault::RevisionConflict(detail.to_owned()));
    let replaced = async |request: &PutRequest| {
        let reply = fixture.put(at, request).await?;
        Ok(reply.revision.get())
    };
    let not_there = Err(PutFault::KeyNotFound);
    assert_eq!(
        replaced(&conditional(PutMode::Replace, None)).await,
        not_there
    );
    assert_eq!(replaced(&conditional(PutMode::Insert, None)).await, Ok(1));
    assert_eq!(
        replaced(&conditional(PutMode::Insert, None)).await,
        conflict("1")
    );
    assert_eq!(replaced(&conditional(PutMode::Any, Some(1))).await, Ok(2));
    assert_eq!(
        replaced(&conditional(PutMode::Any, Some(1))).await,
        conflict("2")
    );
    assert_eq!(
        replaced(&conditional(PutMode::Replace, Some(2))).await,
        Ok(3)
    );
    let late = fixture.remove(at, Some(2)).await;
    assert_eq!(late, Err(RemoveFault::RevisionConflict("3".to_owned())));
    assert_eq!(fixture.remove(at, Some(3)).await, Ok(4));
    let error = fixture
        .client
        .put(
            &bucket("settings"),
            &key("colour"),
            &conditional(PutMode::Any, Some(9)),
        )
        .await
        .unwrap_err();
    assert_eq!(error.subject, "kv.key.settings.colour.put");
    assert_eq!(error.operation, "put");
    assert!(!error.is_retryable());
    assert_eq!(error.fault().unwrap().to_string(), "revision conflict: ");
}

async fn put_separates_buckets_and_keys(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let places = [
        ("a", "b"),
        ("b", "a"),
        ("a", "a"),
        ("get", "put"),
        ("key", "get"),
    ];
    for (bucket, key) in places {
        let words = format!("{key} in {bucket}");
        fixture
            .put((bucket, key), &put(ALICE, &words))
            .await
            .unwrap();
    }
    for (bucket, key) in places {
        let got = fixture.get((bucket, key), None).await.unwrap();
        assert_eq!(got.content, text(&format!("{key} in {bucket}")));
    }
    assert_eq!(
        fixture.get(("b", "b"), None).await,
        Err(GetFault::KeyNotFound)
    );
}

async fn list_returns_the_keys_of_a_bucket(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    for name in ["colour", "size", "coat", "zoo"] {
        fixture
            .put(("shop", name), &put(ALICE, name))
            .await
            .unwrap();
    }
    fixture
        .put(("shop", "colour"), &put(ALICE, "again"))
        .await
        .unwrap();
    fixture
        .put(("other", "cold"), &put(ALICE, "x"))
        .await
        .unwrap();
    fixture.remove(("shop", "zoo"), None).await.unwrap();
    let day = Some(Secs::from_static(24 * 60 * 60));
    let mut coat = put(ALICE, "coat");
    coat.ttl = day;
    fixture.put(("shop", "coat"), &coat).await.unwrap();
    let check = async |starts_with: &str, order, limit: u16, expected: &[&str], more| {
        let mut request = ListRequest::default();
        request.starts_with = starts_with.try_into().unwrap();
        request.order = order;
        request.limit = limit.try_into().unwrap();
        let listed = fixture
            .client
            .list(&bucket("shop"), &request)
            .await
            .unwrap();
        let keys: Vec<_> = listed
            .keys
            .iter()
            .map(|listed| listed.key.as_str())
            .collect();
        assert_eq!((keys.as_slice(), listed.more), (expected, more));
        listed
    };
    let by_key = ListRequestOrder::ByKey;
    let listed = check("", by_key, 100, &["coat", "colour", "size"], false).await;
    let sizes: Vec<_> = listed.keys.iter().map(|listed| listed.size.get()).collect();
    assert_eq!(sizes, [4, 5, 4]);
    let ends: Vec<_> = listed.keys.iter().map(|listed| listed.expires_in).collect();
    assert_eq!(ends, [day.map(remaining_ttl), None, None]);
    check("co", by_key, 100, &["coat", "colour"], false).await;
    check("co", by_key, 1, &["coat"], true).await;
    let order = ListRequestOrder::OldestFirst;
    check("", order, 3, &["size", "colour", "coat"], false).await;
    let order = ListRequestOrder::NewestFirst;
    check("", order, 2, &["coat", "colour"], true).await;
    check("nothing", by_key, 1, &[], false).await;
}
