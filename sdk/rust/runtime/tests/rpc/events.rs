//! Publishing and receiving events.

use natsgen_runtime::transport::{Message, Transport};
use natsgen_runtime::{Connection, MemoryBroker, NotDelivered, Received, Unpublished};

use crate::protocol::{Noise, NoiseFilter, Shelf, ShopClient, ShopId};

fn shop(name: &str) -> ShopId {
    ShopId::try_from(name).unwrap()
}

fn hour(number: u32) -> Shelf {
    Shelf::try_from(number).unwrap()
}

fn quiet(echo: Option<f64>) -> Noise {
    Noise {
        decibel: 1.0.try_into().unwrap(),
        echo,
    }
}

#[tokio::test]
async fn subscription_yields_each_event_with_its_parameters() {
    let broker = MemoryBroker::new();
    let listener = Connection::over(broker.connect());
    let mut all = listener
        .subscribe::<Noise>(&NoiseFilter::default())
        .await
        .unwrap();
    let filter = NoiseFilter {
        shop_id: Some(shop("b")),
        ..NoiseFilter::default()
    };
    let mut some = listener.subscribe::<Noise>(&filter).await.unwrap();
    let client = ShopClient::new(&Connection::over(broker.connect()));
    for (name, number) in [("a", 1), ("b", 2), ("b", 3)] {
        let event = Noise {
            decibel: f64::from(number).try_into().unwrap(),
            echo: None,
        };
        client
            .noise(&shop(name), hour(number), &event)
            .await
            .unwrap();
    }
    for (name, number) in [("a", 1), ("b", 2), ("b", 3)] {
        let Received { params, event, .. } = all.next().await.unwrap().unwrap();
        assert_eq!((params.shop_id, params.hour), (shop(name), hour(number)));
        assert!((event.decibel.get() - f64::from(number)).abs() < f64::EPSILON);
    }
    assert_eq!(some.next().await.unwrap().unwrap().params.hour, hour(2));
    some.unsubscribe().await;
    client
        .noise(&shop("b"), hour(4), &quiet(None))
        .await
        .unwrap();
    assert_eq!(some.next().await.unwrap().unwrap().params.hour, hour(3));
    assert!(some.next().await.is_none());
}

#[tokio::test]
async fn subscription_reports_invalid_events_and_continues() {
    let broker = MemoryBroker::new();
    let listener = Connection::over(broker.connect());
    let mut all = listener
        .subscribe::<Noise>(&NoiseFilter::default())
        .await
        .unwrap();
    let peer = broker.connect();
    let cases = [
        (
            "noise.a.1",
            r#"{"decibel":"loud"}"#,
            "/decibel",
            "expected a number",
        ),
        (
            "noise.a.1",
            r#"{"decibel":300}"#,
            "/decibel",
            "expected a number from 0 to 200",
        ),
        (
            "noise.a.100",
            r#"{"decibel":1}"#,
            "",
            "expected an integer from 0 to 99",
        ),
        (
            "noise.A.1",
            r#"{"decibel":1}"#,
            "",
            "expected a string that matches ^[a-z0-9-]+$",
        ),
    ];
    for (tail, payload, pointer, reason) in cases {
        let message = Message {
            subject: format!("test.workshop.{tail}"),
            payload: payload.into(),
            ..Message::default()
        };
        peer.publish(message).await.unwrap();
        let unread = all.next().await.unwrap().unwrap_err();
        assert_eq!(
            (unread.error.pointer.as_str(), unread.error.reason.as_str()),
            (pointer, reason)
        );
    }
    ShopClient::new(&listener)
        .noise(&shop("a"), hour(1), &quiet(None))
        .await
        .unwrap();
    assert!(all.next().await.unwrap().is_ok());
}

#[tokio::test]
async fn event_that_cannot_be_published_is_an_error() {
    let transport = MemoryBroker::new().connect();
    let client = ShopClient::new(&Connection::over(transport.clone()));
    let publish = async |echo| {
        let published = client.noise(&shop("a"), hour(1), &quiet(echo)).await;
        published.map_err(|failure| failure.reason)
    };
    assert!(matches!(
        publish(Some(f64::NAN)).await,
        Err(Unpublished::NotEncoded(_))
    ));
    transport.disconnect();
    let lost = Unpublished::NotDelivered(NotDelivered::Disconnected);
    assert_eq!(publish(None).await, Err(lost));
    transport.reconnect();
    assert_eq!(publish(None).await, Ok(()));
}
