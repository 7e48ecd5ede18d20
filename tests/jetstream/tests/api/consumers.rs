//! Consumers.

use jetstream::protocol::jetstream::{
    ConsumerCreateRequest, ConsumerCreateRequestAction, ConsumerDeleteRequest, ConsumerInfoRequest,
    ConsumerListRequest, ConsumerNamesRequest,
};
use jetstream::protocol::types::{
    ConsumerConfig, ConsumerConfigAckPolicy, ConsumerConfigDeliverPolicy,
};

use crate::fixture::{Fixture, consumer, filter, stream};

/// A durable consumer of the stream `ORDERS`.
pub(crate) fn billing() -> ConsumerCreateRequest {
    let mut config = ConsumerConfig::new(
        ConsumerConfigDeliverPolicy::All,
        ConsumerConfigAckPolicy::Explicit,
    );
    config.durable_name = Some(consumer("billing"));
    ConsumerCreateRequest::new(stream("ORDERS"), config)
}

#[tokio::test(flavor = "multi_thread")]
async fn consumer_is_created_changed_listed_and_deleted() {
    let fixture = Fixture::with_orders().await;
    let (client, orders, name) = (&fixture.client, stream("ORDERS"), consumer("billing"));
    fixture.store("orders.new", "one").await;
    let created = client
        .consumer_create(&orders, &name, &billing())
        .await
        .unwrap();
    assert_eq!((&created.stream_name, &created.name), (&orders, &name));
    assert_eq!(
        (created.num_pending, created.delivered.consumer_seq),
        (1, 0)
    );

    let mut changed = billing();
    changed.action = Some(ConsumerCreateRequestAction::Update);
    changed.config.max_ack_pending = Some(7.try_into().unwrap());
    changed.config.filter_subject = Some(filter("orders.old"));
    client
        .consumer_create(&orders, &name, &changed)
        .await
        .unwrap();
    let info = client
        .consumer_info(&orders, &name, &ConsumerInfoRequest::new())
        .await
        .unwrap();
    assert_eq!(info.config.max_ack_pending.unwrap().get(), 7);
    assert_eq!(info.num_pending, 0);

    let names = client
        .consumer_names(&orders, &ConsumerNamesRequest::new())
        .await
        .unwrap();
    assert_eq!(names.consumers, Some(vec![name.clone()]));
    let list = client
        .consumer_list(&orders, &ConsumerListRequest::new())
        .await
        .unwrap();
    assert_eq!(list.consumers.unwrap()[0].name, name);
    let deleted = client
        .consumer_delete(&orders, &name, &ConsumerDeleteRequest::new())
        .await;
    assert!(deleted.unwrap().success);
    let names = client
        .consumer_names(&orders, &ConsumerNamesRequest::new())
        .await
        .unwrap();
    assert!(names.consumers.unwrap_or_default().is_empty());
}
