//! The rules for messages, each as a row of a table.

use std::time::{Duration, SystemTime};

use natsgen_runtime::{Map, Number, Value};
use varpulis_sdk::connector::{Event, EventRules, Refusal, RefusalReason, decode, encode};

use RefusalReason::{
    DuplicateMember, Empty, EventType, NotAnObject, NotJson, NotUtf8, PayloadTooLarge, TextTooLong,
    TooDeep, TooManyEvents, TooManyFields, TooManyItems,
};

/// The last token is the event type of messages that name no type.
const SUBJECT: &str = "in.room.Temp";

/// Payloads, and the events that they contain, see [`shown`].
const EVENTS: &[(&str, &[&str])] = &[
    // The type.
    (r#"{"event_type":"E","a":1}"#, &[r#"E {"a":1}"#]),
    (r#"{"type":"T","a":1}"#, &[r#"T {"a":1}"#]),
    (
        r#"{"event_type":"E","type":"T","a":1}"#,
        &[r#"E {"type":"T","a":1}"#],
    ),
    (
        r#"{"event_type":5,"type":"T","a":1}"#,
        &[r#"T {"event_type":5,"a":1}"#],
    ),
    (
        r#"{"event_type":"","a":1}"#,
        &[r#"Temp {"event_type":"","a":1}"#],
    ),
    (r#"{"a":1}"#, &[r#"Temp {"a":1}"#]),
    ("{}", &["Temp {}"]),
    // The envelope.
    (r#"{"event_type":"E","data":{"a":1}}"#, &[r#"E {"a":1}"#]),
    (
        r#"{"event_type":"E","data":{"a":1},"b":2,"timestamp":"2020-01-01T00:00:00Z"}"#,
        &[r#"E 2020-01-01T00:00:00Z {"a":1,"b":2}"#],
    ),
    (
        r#"{"event_type":"E","data":[1,2],"b":2}"#,
        &[r#"E {"data":[1,2],"b":2}"#],
    ),
    (r#"{"event_type":"E","data":{}}"#, &["E {}"]),
    (
        r#"{"event_type":"E","data":{"event_type":"X","type":"Y","timestamp":"2020-01-01T00:00:00Z"}}"#,
        &[r#"E {"event_type":"X","type":"Y","timestamp":"2020-01-01T00:00:00Z"}"#],
    ),
    (
        r#"{"event_type":"E","data":{"data":{"a":1}}}"#,
        &[r#"E {"data":{"a":1}}"#],
    ),
    (
        r#"{"event_type":"E","fields":{"a":1}}"#,
        &[r#"E {"fields":{"a":1}}"#],
    ),
    // The time.
    (
        r#"{"timestamp":"2020-02-29T23:59:59.123456789+01:30"}"#,
        &["Temp 2020-02-29T22:29:59.123456789Z {}"],
    ),
    (
        r#"{"timestamp":"1969-12-31t23:59:59.5z"}"#,
        &["Temp 1969-12-31T23:59:59.5Z {}"],
    ),
    (
        r#"{"timestamp":"0000-01-01T00:00:00Z"}"#,
        &["Temp 0000-01-01T00:00:00Z {}"],
    ),
    (
        r#"{"timestamp":"9999-12-31T23:59:59Z"}"#,
        &["Temp 9999-12-31T23:59:59Z {}"],
    ),
    (
        r#"{"timestamp":"2016-12-31T23:59:60Z"}"#,
        &["Temp 2017-01-01T00:00:00Z {}"],
    ),
    (
        r#"{"timestamp":"2021-02-29T00:00:00Z"}"#,
        &[r#"Temp {"timestamp":"2021-02-29T00:00:00Z"}"#],
    ),
    (
        r#"{"timestamp":"2020-01-01 00:00:00Z"}"#,
        &[r#"Temp {"timestamp":"2020-01-01 00:00:00Z"}"#],
    ),
    (
        r#"{"timestamp":"2020-01-01T00:00:60Z"}"#,
        &[r#"Temp {"timestamp":"2020-01-01T00:00:60Z"}"#],
    ),
    (
        r#"{"timestamp":"2020-01-01T00:00:00"}"#,
        &[r#"Temp {"timestamp":"2020-01-01T00:00:00"}"#],
    ),
    (
        r#"{"timestamp":1577836800000}"#,
        &[r#"Temp {"timestamp":1577836800000}"#],
    ),
    (
        r#"{"ts":1577836800000,"@timestamp":"x"}"#,
        &[r#"Temp {"ts":1577836800000,"@timestamp":"x"}"#],
    ),
    // Values.
    (
        r#"{"a":1,"b":1.5,"c":"x","d":true,"e":null}"#,
        &[r#"Temp {"a":1,"b":1.5,"c":"x","d":true,"e":null}"#],
    ),
    (
        r#"{"a":{"b":[1,{"c":null}]},"d":[]}"#,
        &[r#"Temp {"a":{"b":[1,{"c":null}]},"d":[]}"#],
    ),
    (
        r#"{"a":9007199254740993,"b":18446744073709551615,"c":-9223372036854775808}"#,
        &[r#"Temp {"a":9007199254740993,"b":18446744073709551615,"c":-9223372036854775808}"#],
    ),
    // Batches.
    (
        r#"[{"type":"A"},{"type":"B","x":[1]}]"#,
        &["A {}", r#"B {"x":[1]}"#],
    ),
    ("[]", &[]),
    ("{\"type\":\"A\"}\n{\"type\":\"B\"}\n", &["A {}", "B {}"]),
    ("[{\"type\":\"A\"}]\r\n{\"type\":\"B\"}", &["A {}", "B {}"]),
    (" {\"type\":\"A\"} \n\n", &["A {}"]),
];

/// Payloads that are refused.
const REFUSED: &[(&str, RefusalReason)] = &[
    ("", Empty),
    (" \n", Empty),
    ("42", NotAnObject),
    ("\"hello\"", NotAnObject),
    ("null", NotAnObject),
    ("[1]", NotAnObject),
    ("[nope]", NotJson),
    ("[{},[]]", NotAnObject),
    ("{} 42", NotAnObject),
    ("{}garbage", NotJson),
    ("temperature=5", NotJson),
    ("\u{feff}{}", NotJson),
    (r#"{"a":NaN}"#, NotJson),
    (r#"{"a":1e400}"#, NotJson),
    (r#"{"a":"\ud800"}"#, NotJson),
    (r#"{"a":1"#, NotJson),
    (r#"[{"a":1}"#, NotJson),
    ("{}\n{\"a\":", NotJson),
    (r#"{"a":1,"a":2}"#, DuplicateMember),
    (r#"{"event_type":"A","event_type":"B"}"#, DuplicateMember),
    (r#"{"a":{"b":1,"b":2}}"#, DuplicateMember),
    (r#"{"data":{"a":1},"a":2}"#, DuplicateMember),
];

/// The time of receipt: 2026-11-30T12:00:00Z.
fn received() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(498_900)
}

fn read(payload: impl AsRef<[u8]>) -> Result<Vec<Event>, Refusal> {
    read_by(&EventRules::default(), payload)
}

fn read_by(rules: &EventRules, payload: impl AsRef<[u8]>) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    let decoded = decode(payload.as_ref(), SUBJECT, received(), rules, &mut events);
    assert!(
        decoded.is_ok() || events.is_empty(),
        "a refused message gives no event"
    );
    decoded.map(|()| events)
}

fn reason(payload: impl AsRef<[u8]>) -> RefusalReason {
    read(payload).unwrap_err().reason
}

/// An event as `type time fields`; without the time if it is the time of receipt.
fn shown(event: &Event) -> String {
    let fields = Value::Object(event.fields.clone());
    if event.timestamp == received() {
        return format!("{} {fields}", event.event_type);
    }
    let text = String::from_utf8(encode(&Event::new("E").at(event.timestamp)).unwrap()).unwrap();
    let time = text.split('"').nth(7).unwrap().to_owned();
    format!("{} {time} {fields}", event.event_type)
}

#[test]
fn rules_message_gives_these_events() {
    for (payload, expected) in EVENTS {
        let events = read(payload).unwrap_or_else(|refusal| panic!("{payload}: {refusal}"));
        let events: Vec<_> = events.iter().map(shown).collect();
        assert_eq!(events, *expected, "{payload}");
    }
}

#[test]
fn rules_message_is_refused_for_this_reason() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let fields = |count: usize| {
        let fields: Vec<_> = (0..count).map(|index| format!("\"f{index}\":1")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let text = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length));
    let items = |count: usize| format!(r#"{{"a":[{}]}}"#, vec!["1"; count].join(","));
    let events = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
    let typed = |length: usize| format!(r#"{{"type":"{}"}}"#, "é".repeat(length));
    let padded = |length: usize| format!("{{}}{}", " ".repeat(length - 2));
    // The greatest message within a limit, and a message beyond it.
    let limits = [
        (nested(32), nested(33), TooDeep),
        (
            format!("[{}]", nested(32)),
            format!(r#"[{{"data":{}}}]"#, nested(33)),
            TooDeep,
        ),
        (fields(1_024), fields(1_025), TooManyFields),
        (
            format!(r#"{{"a":{}}}"#, fields(1_024)),
            format!(r#"{{"a":{}}}"#, fields(1_025)),
            TooManyFields,
        ),
        (
            format!(r#"{{"data":{}}}"#, fields(1_024)),
            format!(r#"{{"data":{},"b":1}}"#, fields(1_024)),
            TooManyFields,
        ),
        (text(262_144), text(262_145), TextTooLong),
        (items(10_000), items(10_001), TooManyItems),
        (events(10_000), events(10_001), TooManyEvents),
        (typed(256), typed(257), EventType),
        (padded(1_048_576), padded(1_048_577), PayloadTooLarge),
    ];
    for (within, beyond, expected) in limits {
        assert!(
            read(&within).is_ok(),
            "{expected:?}: {:?}",
            read(&within).err()
        );
        assert_eq!(reason(&beyond), expected);
    }
    let key = format!(r#"{{"{}":1}}"#, "k".repeat(262_145));
    assert_eq!(reason(key), TextTooLong);
    assert_eq!(reason(nested(200)), TooDeep);
    assert_eq!(reason([0xff, 0xfe]), NotUtf8);
    for (payload, expected) in REFUSED {
        assert_eq!(reason(payload), *expected, "{payload}");
    }
}

#[test]
fn rules_refusal_names_place_and_expected_value() {
    let refusal = read(r#"[{},{"a":{"b/c":[0,"x","\u001b"]},"a":1}]"#).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "duplicate_member: expected one member `a` at /1"
    );
    let mut rules = EventRules::default();
    rules.max_text = 3;
    let refusal = read_by(&rules, r#"[{},{"a":{"b/c":["long"]}}]"#).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "text_too_long: expected at most 3 bytes at /1/a/b~1c/0"
    );
    assert!(
        RefusalReason::ALL
            .iter()
            .all(|reason| !reason.name().is_empty())
    );
}

#[test]
fn rules_time_of_receipt_keeps_the_timestamp_as_field() {
    let mut rules = EventRules::default();
    rules.honours_timestamp = false;
    let events = read_by(&rules, r#"{"type":"A","timestamp":"2020-01-01T00:00:00Z"}"#).unwrap();
    assert_eq!(
        shown(&events[0]),
        r#"A {"timestamp":"2020-01-01T00:00:00Z"}"#
    );
}

#[test]
fn rules_sink_writes_each_member_once_and_loses_none() {
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_577_836_800, 5);
    let base = || Event::new("E").at(time);
    let table = [
        (
            base(),
            r#"{"event_type":"E","timestamp":"2020-01-01T00:00:00.000000005Z"}"#,
        ),
        (
            base()
                .field("i", 9_007_199_254_740_993_u64)
                .field("f", 1.0)
                .field("n", Value::Null),
            r#"{"event_type":"E","timestamp":"2020-01-01T00:00:00.000000005Z","i":9007199254740993,"f":1.0,"n":null}"#,
        ),
        (
            base()
                .field("timestamp", "mine")
                .field("event_type", "other"),
            r#"{"event_type":"E","timestamp":"2020-01-01T00:00:00.000000005Z","data":{"timestamp":"mine","event_type":"other"}}"#,
        ),
        (
            base()
                .field("data", Map::from_iter([("a", 1)]))
                .field("b", 2),
            r#"{"event_type":"E","timestamp":"2020-01-01T00:00:00.000000005Z","data":{"data":{"a":1},"b":2}}"#,
        ),
        (
            base().field("data", "text"),
            r#"{"event_type":"E","timestamp":"2020-01-01T00:00:00.000000005Z","data":"text"}"#,
        ),
    ];
    for (event, expected) in table {
        let written = encode(&event).unwrap();
        assert_eq!(String::from_utf8_lossy(&written), expected);
        assert_eq!(
            read(&written).unwrap(),
            [event],
            "the source reads what the sink writes"
        );
    }
    for count in [2, 20] {
        let fields = (0..count).map(|index| (format!("f{}", index % (count - 1)), Value::Null));
        let mut event = base();
        event.fields = fields.collect();
        assert_eq!(
            encode(&event).unwrap_err().to_string(),
            "expected one field `f0`"
        );
    }
    for number in [f64::NAN, f64::INFINITY] {
        let error = encode(&base().field("a", Number::Float(number))).unwrap_err();
        assert_eq!(error.to_string(), "expected a finite number at /a");
    }
}

#[test]
fn rules_events_survive_sink_and_source_unchanged() {
    let mut seed = 7_u64;
    let mut random = |most: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let names = ["event_type", "type", "timestamp", "data", "a", "ü", "x\"y"];
    for _ in 0..5_000 {
        let seconds = Duration::new(
            random(4_000_000_000),
            u32::try_from(random(1_000_000_000)).unwrap(),
        );
        let time = if random(4) == 0 {
            SystemTime::UNIX_EPOCH - seconds
        } else {
            SystemTime::UNIX_EPOCH + seconds
        };
        let mut event = Event::new("E").at(time);
        for _ in 0..random(5) {
            let name = names[usize::try_from(random(7)).unwrap()];
            let value = match random(6) {
                0 => Value::Null,
                1 => Value::from(u64::MAX - random(9)),
                2 => Value::from("2020-01-01T00:00:00Z"),
                3 => Value::Object(Map::from_iter([("data", Value::Bool(true))])),
                4 => Value::Array(vec![Value::from(1.5), Value::Object(Map::new())]),
                _ => Value::from(i64::MIN),
            };
            event = event.field(name, value);
        }
        let written = encode(&event).unwrap();
        assert_eq!(
            read(&written).unwrap(),
            [event],
            "{}",
            String::from_utf8_lossy(&written)
        );
    }
}
