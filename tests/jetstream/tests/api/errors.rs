//! Errors of a real server.

use jetstream::protocol::jetstream::{
    ConsumerCreateFault, ConsumerCreateRequestAction, ConsumerDeleteFault, ConsumerDeleteRequest,
    ConsumerInfoFault, ConsumerInfoRequest, ConsumerListFault, ConsumerListRequest,
    ConsumerNamesFault, ConsumerNamesRequest, MessageDeleteFault, MessageDeleteRequest,
    MessageGetFault, MessageGetRequest, StreamCreateFault, StreamCreateRequest, StreamDeleteFault,
    StreamDeleteRequest, StreamInfoFault, StreamInfoRequest, StreamPurgeFault, StreamPurgeRequest,
    StreamUpdateFault, StreamUpdateRequest,
};
use jetstream::protocol::types::StreamName;
use natsgen_runtime::{Failure, Refused};

use crate::consumers::billing;
use crate::fixture::{Fixture, by_sequence, config, consumer, fault, stream};

#[tokio::test(flavor = "multi_thread")]
async fn error_of_a_missing_object_is_a_typed_fault() {
    let fixture = Fixture::with_orders().await;
    let (client, orders, none) = (&fixture.client, stream("ORDERS"), stream("NONE"));
    let billing_name = consumer("billing");

    let called = client.stream_info(&none, &StreamInfoRequest::new()).await;
    assert_eq!(fault(called), StreamInfoFault::StreamNotFound);
    let called = client
        .stream_update(&none, &StreamUpdateRequest(config("NONE", &["none"])))
        .await;
    assert_eq!(fault(called), StreamUpdateFault::StreamNotFound);
    let called = client
        .stream_delete(&none, &StreamDeleteRequest::new())
        .await;
    assert_eq!(fault(called), StreamDeleteFault::StreamNotFound);
    let called = client.stream_purge(&none, &StreamPurgeRequest::new()).await;
    assert_eq!(fault(called), StreamPurgeFault::StreamNotFound);
    let called = client
        .consumer_list(&none, &ConsumerListRequest::new())
        .await;
    assert_eq!(fault(called), ConsumerListFault::StreamNotFound);
    let called = client
        .consumer_names(&none, &ConsumerNamesRequest::new())
        .await;
    assert_eq!(fault(called), ConsumerNamesFault::StreamNotFound);

    let called = client
        .consumer_info(&orders, &billing_name, &ConsumerInfoRequest::new())
        .await;
    assert_eq!(fault(called), ConsumerInfoFault::ConsumerNotFound);
    let called = client
        .consumer_delete(&orders, &billing_name, &ConsumerDeleteRequest::new())
        .await;
    assert_eq!(fault(called), ConsumerDeleteFault::ConsumerNotFound);
    let called = client.message_get(&orders, &by_sequence(9)).await;
    assert_eq!(fault(called), MessageGetFault::MessageNotFound);
    let called = client
        .message_delete(&orders, &MessageDeleteRequest::new(9))
        .await;
    let MessageDeleteFault::SequenceNotFound(detail) = fault(called) else {
        panic!("another fault");
    };
    assert_eq!(detail, "9 not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn error_of_a_refused_request_is_a_typed_fault() {
    let fixture = Fixture::with_orders().await;
    let (client, orders) = (&fixture.client, stream("ORDERS"));
    let called = client
        .stream_create(
            &orders,
            &StreamCreateRequest(config("ORDERS", &["other.>"])),
        )
        .await;
    assert_eq!(fault(called), StreamCreateFault::StreamNameInUse);
    let called = client
        .stream_create(
            &stream("B"),
            &StreamCreateRequest(config("B", &["orders.new"])),
        )
        .await;
    assert_eq!(fault(called), StreamCreateFault::SubjectsOverlap);
    let called = client
        .stream_create(&stream("B"), &StreamCreateRequest(config("C", &["c"])))
        .await;
    assert_eq!(fault(called), StreamCreateFault::StreamMismatch);
    let called = client.message_get(&orders, &MessageGetRequest::new()).await;
    assert_eq!(fault(called), MessageGetFault::InvalidRequest);
    let mut update = billing();
    update.action = Some(ConsumerCreateRequestAction::Update);
    let called = client
        .consumer_create(&orders, &consumer("billing"), &update)
        .await;
    assert_eq!(fault(called), ConsumerCreateFault::ConsumerMissing);

    let mut limited = StreamCreateRequest(config("ORDERS", &["orders.>"]));
    limited.0.max_consumers = 1.try_into().unwrap();
    client
        .stream_delete(&orders, &StreamDeleteRequest::new())
        .await
        .unwrap();
    client.stream_create(&orders, &limited).await.unwrap();
    client
        .consumer_create(&orders, &consumer("billing"), &billing())
        .await
        .unwrap();
    let mut other = billing();
    other.config.durable_name = Some(consumer("other"));
    let called = client
        .consumer_create(&orders, &consumer("other"), &other)
        .await;
    assert_eq!(fault(called), ConsumerCreateFault::MaximumConsumers);
}

#[tokio::test(flavor = "multi_thread")]
async fn error_with_an_unlisted_code_keeps_code_and_text() {
    let Fixture { client, .. } = &Fixture::new().await;
    let mut request = StreamCreateRequest(config("ORDERS", &["orders.>"]));
    request.0.num_replicas = 3.try_into().unwrap();
    let error = client
        .stream_create(&stream("ORDERS"), &request)
        .await
        .unwrap_err();
    let Failure::Refused(Refused::Unknown { code, text }) = &error.failure else {
        panic!("{error:?}");
    };
    assert_eq!(code.as_deref(), Some("10074"));
    assert_eq!(text, "replicas > 1 not supported in non-clustered mode");
    assert!(!error.is_retryable());
}

/// A parameter that passes its pattern and cannot be a token is refused before it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn parameter_outside_of_printable_ascii_is_not_sent() {
    let Fixture { client, .. } = &Fixture::new().await;
    for bad in ["", "a.b", "*", ">", "a b", "a/b", "a\tb"] {
        assert!(StreamName::try_from(bad).is_err(), "{bad:?}");
    }
    for odd in ["Å", "a\u{1}"] {
        let called = client
            .stream_info(&stream(odd), &StreamInfoRequest::new())
            .await;
        let error = called.unwrap_err();
        assert!(matches!(error.failure, Failure::NotEncoded(_)), "{error:?}");
    }
}
