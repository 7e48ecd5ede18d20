//! Delivery of messages between several writers, several stores, and subscribers.

use futures_util::future::join_all;
use keyvalue::protocol::app::{Change, Changed, ChangedFilter};
use keyvalue::protocol::store::{ListRequest, ListRequestOrder};
use keyvalue::protocol::types::Content;
use natsgen_runtime::{Received, Subscription};
use tokio::time::timeout;

use crate::fixture::{ALICE, BOB, Fixture, TEST_TIMEOUT, bucket, key, put, text};
use crate::network::{Network, over_both_transports};
use crate::store::SLOW;

over_both_transports! {
    changes_are_announced_by_bucket
    writes_of_a_writer_keep_their_order
    stores_in_a_queue_group_share_requests
}

async fn changes_are_announced_by_bucket(network: Network) {
    let fixture = Fixture::new(&network, 1).await;
    let app = network.connect().await;
    let filter = ChangedFilter {
        bucket: Some(bucket("ours")),
        key: None,
    };
    let mut ours = app.subscribe::<Changed>(&filter).await.unwrap();
    let filter = ChangedFilter {
        bucket: None,
        key: Some(key("b")),
    };
    let mut all_b = app.subscribe::<Changed>(&filter).await.unwrap();
    fixture.put(("ours", "a"), &put(ALICE, "1")).await.unwrap();
    fixture
        .put(("theirs", "a"), &put(ALICE, "2"))
        .await
        .unwrap();
    fixture
        .put(("theirs", "b"), &put(ALICE, "3"))
        .await
        .unwrap();
    fixture.put(("ours", "b"), &put(BOB, "4")).await.unwrap();
    fixture.remove(("ours", "a"), None).await.unwrap();

    let check = async |events: &mut Subscription<Changed>, expected: &str| {
        let Received {
            subject,
            params,
            event,
            ..
        } = next(events).await;
        let place = format!("{}.{}", params.bucket, params.key);
        assert_eq!(subject, format!("kv.key.{place}.changed"));
        let what = match event.change {
            Change::Written(written) => format!("{} {:?}", written.writer, written.content),
            other => format!("{other:?}"),
        };
        let revision = event.revision;
        let at = format!("2026-01-01T00:00:0{revision}Z");
        assert_eq!(event.at.as_str(), at);
        assert_eq!(format!("{place} {revision} {what}"), expected);
    };
    check(&mut ours, &format!("ours.a 1 {ALICE} Text(\"1\")")).await;
    check(&mut ours, &format!("ours.b 2 {BOB} Text(\"4\")")).await;
    check(&mut ours, "ours.a 3 Deleted").await;
    check(&mut all_b, &format!("theirs.b 2 {ALICE} Text(\"3\")")).await;
    check(&mut all_b, &format!("ours.b 2 {BOB} Text(\"4\")")).await;
    ours.unsubscribe().await;
    assert!(ours.next().await.is_none(), "nothing else came");
}

async fn writes_of_a_writer_keep_their_order(network: Network) {
    const WRITES: usize = 50;
    let fixture = Fixture::new(&network, 1).await;
    // The first call of a connection opens its inbox. Later calls are sent in the order in which they are polled.
    fixture.put(("b", "k0"), &put(BOB, "zero")).await.unwrap();
    assert_eq!(fixture.state.begun(), [text("zero")]);
    let slow = put(ALICE, SLOW);
    let first = async {
        fixture
            .put(("b", "k1"), &slow)
            .await
            .unwrap()
            .revision
            .get()
    };
    let second = async {
        // Another key of the same writer: it waits for the first write.
        fixture
            .put(("b", "k2"), &put(ALICE, "after"))
            .await
            .unwrap()
            .revision
            .get()
    };
    let others = async {
        // Sent after both writes. Its reply shows that the store had time to begin the second write.
        let other = fixture
            .put(("b", "k1"), &put(BOB, "at once"))
            .await
            .unwrap();
        let begun = fixture.state.begun();
        assert_eq!(begun, [text(SLOW), text("at once")], "the second one waits");
        fixture.state.permits.add_permits(1);
        other.revision.get()
    };
    let (first, second, other) = tokio::join!(first, second, others);
    assert_eq!((other, first, second), (2, 3, 4));
    assert_eq!(fixture.state.begun(), [text("after")]);

    // Concurrent writes: the writes of a writer begin in the order in which they were sent.
    let writes: Vec<_> = (0..WRITES)
        .flat_map(|number| [ALICE, BOB].map(|writer| (writer, format!("{number:02} {writer}"))))
        .collect();
    let calls = writes.iter().map(async |(writer, words)| {
        fixture.put(("b", "k"), &put(writer, words)).await.unwrap();
    });
    timeout(TEST_TIMEOUT, join_all(calls)).await.unwrap();
    let begun = fixture.state.begun();
    assert_eq!(begun.len(), 2 * WRITES);
    for writer in [ALICE, BOB] {
        let expected = (0..WRITES).map(|number| text(&format!("{number:02} {writer}")));
        let is_his =
            |content: &&Content| matches!(content, Content::Text(words) if words.ends_with(writer));
        assert!(
            begun.iter().filter(is_his).cloned().eq(expected),
            "{begun:?}"
        );
    }
}

async fn stores_in_a_queue_group_share_requests(network: Network) {
    const CALLS: u64 = 64;
    let fixture = Fixture::new(&network, 2).await;
    for number in 1..=CALLS {
        let reply = fixture.put(("b", "k"), &put(ALICE, "x")).await.unwrap();
        assert_eq!(reply.revision.get(), number, "each write happens once");
    }
    for _ in 0..CALLS {
        let listed = fixture
            .client
            .list(&bucket("b"), &everything())
            .await
            .unwrap();
        assert_eq!(listed.keys.len(), 1);
    }
    let mut answered = Vec::new();
    for server in fixture.servers {
        answered.push(server.shutdown().await.answered);
    }
    assert_eq!(answered.iter().sum::<u64>(), 2 * CALLS);
    assert!(answered.iter().all(|share| *share > 0), "{answered:?}");
}

async fn next(events: &mut Subscription<Changed>) -> Received<Changed> {
    let event = timeout(TEST_TIMEOUT, events.next()).await;
    event.expect("an event comes").unwrap().unwrap()
}

fn everything() -> ListRequest {
    let mut request = ListRequest::default();
    request.order = ListRequestOrder::ByKey;
    request.limit = 100.try_into().unwrap();
    request
}
