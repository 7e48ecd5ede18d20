//! Invalid ids, subjects and patterns are refused before a message is sent, on every path.

use std::fmt::{self, Debug};
use std::str::FromStr;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::transport::{PublishError, SubscribeError};
use natsgen_runtime::{EncodeError, Failure, Param, Prefix, Subject, Unpublished};
use serde_json::{Value, json};
use varpulis_sdk::coordinator::{
    CoordinatorClient, CoordinatorServer, Heartbeat, HeartbeatFilter, RegisterRequest,
};
use varpulis_sdk::subject::{self, PREFIX};
use varpulis_sdk::types::{GroupId, NodeId, NodeKey, PipelineId, WorkerId};
use varpulis_sdk::worker::DrainRequest;

use crate::any_subject::AnySubject;
use crate::canned_service::{CannedService, worker};
use crate::network::{Network, over_both_transports};
use crate::protocol::{examples, sample};
use crate::raw_peers::{RawCaller, message};
use crate::timeouts::next_event;

over_both_transports! {
    invalid_parameter_is_not_sent
    invalid_subject_is_not_sent
    invalid_pattern_is_not_subscribed
    invalid_worker_id_does_not_register
    heartbeat_with_two_id_tokens_is_ignored
}

/// Texts that are not a valid token. Most of them would reach other subjects or end the protocol line.
fn bad_tokens() -> Vec<String> {
    let bad = [
        "",
        ".",
        "a.b",
        ".a",
        "a.",
        "a..b",
        "*",
        "a*",
        ">",
        "a>",
        "a.>",
        " ",
        "a b",
        " a",
        "a ",
        "\t",
        "a\tb",
        "\r\n",
        "a\r\nPUB evil 0\r\n\r\n",
        "a\n",
        "\0",
        "a\0b",
        "\u{7f}",
        "ä",
        "名前",
        "a\u{a0}b",
        "\u{202e}a",
        "\u{feff}a",
        "\u{ff0e}",
    ];
    let long = ["a".repeat(300), "ä".repeat(300)];
    bad.into_iter().map(str::to_owned).chain(long).collect()
}

/// Texts that are not a valid subject either, with any number of tokens.
fn bad_subjects() -> Vec<String> {
    let is_subject = |text: &String| text == "a.b" || text.len() == 300;
    let mut bad = bad_tokens();
    bad.retain(|text| !is_subject(text));
    bad.push("a".repeat(1_025));
    bad
}

#[test]
fn invalid_text_does_not_parse_as_id() {
    fn check<T: TryFrom<String> + for<'t> TryFrom<&'t str> + FromStr>(text: &str) {
        let made = T::try_from(text.to_owned()).is_ok() || T::try_from(text).is_ok();
        let name = std::any::type_name::<T>();
        assert!(!made && text.parse::<T>().is_err(), "{name} of {text:?}");
    }
    let bad = bad_tokens();
    assert!(bad.len() > 30);
    for text in &bad {
        check::<WorkerId>(text);
        check::<GroupId>(text);
        check::<PipelineId>(text);
        check::<NodeKey>(text);
        assert!(text.parse::<NodeId>().is_err(), "{text:?}");
    }
    for text in ["a/b", "a:b", "a@b", "a$b", "a+b", "a%2eb", "a\\u002eb"] {
        check::<WorkerId>(text);
        check::<GroupId>(text);
        check::<PipelineId>(text);
    }
    for text in [
        "-1",
        "+1",
        "01",
        "0x1",
        "1.0",
        "1e3",
        "18446744073709551616",
    ] {
        assert!(text.parse::<NodeId>().is_err(), "{text:?}");
    }
}

#[test]
fn id_length_limit_equals_the_schema() {
    fn check<T: FromStr<Err: Debug> + ToString>(longest: usize) {
        let text = "Az09-_".repeat(longest).split_off(longest * 5);
        assert_eq!(text.parse::<T>().unwrap().to_string(), text);
        assert!((text + "a").parse::<T>().is_err());
    }
    check::<WorkerId>(64);
    check::<GroupId>(128);
    check::<PipelineId>(128);
}

/// A type that breaks the contract of [`Param`]: its text may not be a single token.
struct InvalidParam(String);

impl Param for InvalidParam {}

impl fmt::Display for InvalidParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

async fn invalid_parameter_is_not_sent(network: Network) {
    let connection = network.connect().await;
    let mut tap = network.tap(">").await;
    let caller = Caller::new(&connection, &PREFIX);
    for text in bad_tokens() {
        let invalid = InvalidParam(text.clone());
        let command = subject::DRAIN.subject(&PREFIX, &[&invalid]);
        let error = caller
            .call(command, &AnySubject::<DrainRequest>(sample()))
            .await
            .unwrap_err();
        let not_sent = matches!(error.failure, Failure::NotEncoded(EncodeError { .. }));
        assert!(not_sent, "{text:?}: {error:?}");
        assert!(!error.is_retryable(), "{text:?}");

        let heartbeat = subject::HEARTBEAT.subject(&PREFIX, &[&invalid]);
        let error = caller
            .publish(heartbeat, &AnySubject::<Heartbeat>(sample()))
            .await
            .unwrap_err();
        let not_sent = matches!(error.reason, Unpublished::NotEncoded(_));
        assert!(not_sent, "{text:?}: {error:?}");
    }
    assert_eq!(tap.messages(&connection).await, []);
    // The tap does see messages that are sent.
    let heartbeat: Heartbeat = sample();
    let coordinator = CoordinatorClient::new(&connection);
    coordinator
        .heartbeat(&worker("w0"), &heartbeat)
        .await
        .unwrap();
    assert_eq!(tap.messages(&connection).await.len(), 1);
}

async fn invalid_subject_is_not_sent(network: Network) {
    let transport = network.transport().await;
    let mut tap = network.tap(">").await;
    for bad in bad_subjects() {
        let within = format!("varpulis.cluster.cmd.{bad}.drain");
        for subject in [bad, within] {
            let refused = Err(PublishError::BadSubject(subject.clone()));
            let published = transport.publish(message(&subject, "{}")).await;
            assert_eq!(published, refused, "{subject:?}");
            let mut with_reply = message("varpulis.cluster.register", "{}");
            with_reply.reply = Some(subject.clone());
            assert_eq!(transport.publish(with_reply).await, refused, "{subject:?}");
            assert!(Subject::parse(&subject).is_err(), "{subject:?}");
            assert!(Prefix::parse(&subject).is_err(), "{subject:?}");
        }
    }
    let last = message("the.last", "");
    transport.publish(last).await.unwrap();
    assert_eq!(tap.messages_before("the.last").await, []);
}

async fn invalid_pattern_is_not_subscribed(network: Network) {
    let transport = network.transport().await;
    let check = async |pattern: &str, queue: Option<&str>, refused: &str| {
        let error = transport.subscribe(pattern, queue).await.err();
        let expected = SubscribeError::BadPattern(refused.to_owned());
        assert_eq!(error, Some(expected), "{pattern:?} {queue:?}");
    };
    for bad in bad_subjects() {
        if bad != "*" && bad != ">" && bad != "a.>" {
            check(&bad, None, &bad).await;
            let within = format!("varpulis.cluster.cmd.{bad}.>");
            check(&within, None, &within).await;
        }
        check("varpulis.cluster.register", Some(&bad), &bad).await;
    }
    for bad in bad_tokens() {
        let invalid = InvalidParam(bad.clone());
        let pattern = subject::HEARTBEAT.pattern(&PREFIX, &[Some(&invalid)]);
        assert!(pattern.check().is_err(), "{bad:?}");
        check(pattern.as_str(), None, pattern.as_str()).await;
    }
}

/// Varpulis 0.11 registers all of them.
async fn invalid_worker_id_does_not_register(network: Network) {
    let canned = CannedService::default();
    let server = CoordinatorServer::new(canned.clone())
        .start(&network.connect().await)
        .await
        .unwrap();
    let mut raw = RawCaller::new(network.transport().await).await;
    let mut request = examples("RegisterRequest").swap_remove(0);
    let bad = bad_tokens();
    for text in &bad {
        request["worker_id"] = json!(text);
        let payload = request.to_string();
        let answer = raw
            .call("varpulis.cluster.register", payload.as_bytes())
            .await;
        let body: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(body["code"], "bad_request", "{text:?}");
        assert_eq!(body["pointer"], "/worker_id", "{text:?}");
    }
    assert!(canned.take_requests::<RegisterRequest>().is_empty());
    let stats = server.shutdown().await;
    assert_eq!(stats.invalid, bad.len() as u64);
}

/// Varpulis 0.11 takes `heartbeat.a.b` for a heartbeat of `b`, and worker `*` executes the commands of all workers.
async fn heartbeat_with_two_id_tokens_is_ignored(network: Network) {
    let connection = network.connect().await;
    let transport = network.transport().await;
    let mut heartbeats = connection
        .subscribe::<Heartbeat>(&HeartbeatFilter::default())
        .await
        .unwrap();
    let payload = examples("Heartbeat").swap_remove(0).to_string();
    for tail in ["a.b", "w0.w1", "b"] {
        let heartbeat = message(&format!("varpulis.cluster.heartbeat.{tail}"), &payload);
        transport.publish(heartbeat).await.unwrap();
    }
    let heartbeat = next_event(&mut heartbeats).await;
    assert_eq!(heartbeat.subject, "varpulis.cluster.heartbeat.b");
    assert_eq!(heartbeat.params.worker_id, worker("b"));
    // A single token that is not an id yields an error for this heartbeat, and the subscription continues.
    for tail in ["a:b", "b"] {
        let heartbeat = message(&format!("varpulis.cluster.heartbeat.{tail}"), &payload);
        transport.publish(heartbeat).await.unwrap();
    }
    let unreadable = heartbeats.next().await.unwrap().unwrap_err();
    assert_eq!(unreadable.subject, "varpulis.cluster.heartbeat.a:b");
    assert_eq!(
        next_event(&mut heartbeats).await.params.worker_id,
        worker("b")
    );
}
