//! Streams and their messages.

use data_encoding::BASE64;
use jetstream::protocol::jetstream::{
    AccountInfoRequest, MessageDeleteRequest, MessageGetRequest, StreamCreateRequest,
    StreamDeleteRequest, StreamInfoRequest, StreamListRequest, StreamNamesRequest,
    StreamPurgeRequest, StreamUpdateRequest,
};
use natsgen_runtime::Value;

use crate::fixture::{Fixture, by_sequence, config, filter, stream};

#[tokio::test(flavor = "multi_thread")]
async fn stream_is_created_and_changed() {
    let Fixture { client, .. } = &Fixture::new().await;
    let orders = stream("ORDERS");
    let created = client
        .stream_create(
            &orders,
            &StreamCreateRequest(config("ORDERS", &["orders.>"])),
        )
        .await
        .unwrap();
    assert_eq!(created.config.name, orders);
    assert_eq!(created.state.messages, 0);
    // The same configuration again is no error.
    client
        .stream_create(
            &orders,
            &StreamCreateRequest(config("ORDERS", &["orders.>"])),
        )
        .await
        .unwrap();

    // An update sends the members that the schema does not describe, too.
    let mut changed = created.config;
    assert_eq!(
        changed.fields.get("allow_direct"),
        Some(&Value::from(false))
    );
    changed
        .fields
        .insert("allow_direct".to_owned(), Value::from(true));
    changed.max_msgs = 10.try_into().unwrap();
    let updated = client
        .stream_update(&orders, &StreamUpdateRequest(changed))
        .await
        .unwrap();
    assert_eq!(updated.config.max_msgs.get(), 10);
    let info = client
        .stream_info(&orders, &StreamInfoRequest::new())
        .await
        .unwrap();
    assert_eq!(
        info.config.fields.get("allow_direct"),
        Some(&Value::from(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_is_listed_and_deleted() {
    let Fixture { client, .. } = &Fixture::with_orders().await;
    let orders = stream("ORDERS");
    client
        .stream_create(
            &stream("$A=b"),
            &StreamCreateRequest(config("$A=b", &["a"])),
        )
        .await
        .unwrap();
    let names = client
        .stream_names(&StreamNamesRequest::new())
        .await
        .unwrap();
    assert_eq!(names.streams, Some(vec![stream("$A=b"), orders.clone()]));
    let mut request = StreamListRequest::new();
    request.subject = Some(filter("orders.new"));
    let list = client.stream_list(&request).await.unwrap();
    assert_eq!((list.total, list.offset), (1, 0));
    assert_eq!(list.streams.unwrap()[0].config.name, orders);
    let account = client
        .account_info(&AccountInfoRequest::new())
        .await
        .unwrap();
    assert_eq!((account.streams, account.consumers), (2, 0));

    let deleted = client
        .stream_delete(&orders, &StreamDeleteRequest::new())
        .await
        .unwrap();
    assert!(deleted.success);
    let names = client
        .stream_names(&StreamNamesRequest::new())
        .await
        .unwrap();
    assert_eq!(names.streams, Some(vec![stream("$A=b")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn message_is_read_deleted_and_purged() {
    let fixture = Fixture::with_orders().await;
    let (client, orders) = (&fixture.client, stream("ORDERS"));
    for payload in ["one", "two", "three"] {
        fixture.store("orders.new", payload).await;
    }
    let found = client
        .message_get(&orders, &by_sequence(2))
        .await
        .unwrap()
        .message;
    assert_eq!((found.subject.as_str(), found.seq), ("orders.new", 2));
    let data = found
        .data
        .map(|data| BASE64.decode(data.as_bytes()).unwrap());
    assert_eq!(data.as_deref(), Some(&b"two"[..]));
    let mut last = MessageGetRequest::new();
    last.last_by_subj = Some(filter("orders.new"));
    let found = client.message_get(&orders, &last).await.unwrap().message;
    assert_eq!(found.seq, 3);

    let deleted = client
        .message_delete(&orders, &MessageDeleteRequest::new(2))
        .await
        .unwrap();
    assert!(deleted.success);
    let mut purge = StreamPurgeRequest::new();
    purge.keep = Some(1);
    let purged = client.stream_purge(&orders, &purge).await.unwrap();
    assert_eq!((purged.success, purged.purged), (true, 1));
    let info = client
        .stream_info(&orders, &StreamInfoRequest::new())
        .await
        .unwrap();
    assert_eq!((info.state.messages, info.state.first_seq), (1, 3));
}
