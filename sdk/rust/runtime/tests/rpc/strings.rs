//! String and integer newtypes, which hold only values that their schema allows.

use natsgen_runtime::assertion::Format;
use natsgen_runtime::generated::{Run, TextConstraint};

use crate::protocol::{DoorKey, Shelf, ShopId};

fn check(assertion: TextConstraint, cases: &[(&str, bool)]) {
    for (text, expected) in cases {
        assert_eq!(assertion.check(text).is_ok(), *expected, "{text:?}");
    }
}

#[test]
fn length_counts_characters() {
    check(
        TextConstraint::new().length(2, 3),
        &[
            ("", false),
            ("a", false),
            ("é", false),
            ("éé", true),
            ("日本語", true),
            ("日本語!", false),
            ("abc", true),
            ("abcd", false),
        ],
    );
}

#[test]
fn pattern_matches_its_runs_in_sequence() {
    const NAME: &[Run] = &[Run::new("A-Za-z0-9_-", 1, None)];
    const PLATE: &[Run] = &[
        Run::new("A-Z", 2, Some(3)),
        Run::new("\\-", 1, Some(1)),
        Run::new("0-9", 1, None),
        Run::new(".", 0, Some(1)),
    ];
    check(
        TextConstraint::new().pattern(r"^[A-Z]{2,3}-\d+\.?$", PLATE),
        &[
            ("AB-1", true),
            ("ABC-123.", true),
            ("A-1", false),
            ("ABCD-1", false),
            ("AB-", false),
            ("AB-1..", false),
            ("AB-1\n", false),
            ("ab-1", false),
            ("ÄB-1", false),
            ("", false),
        ],
    );
    check(
        TextConstraint::new().pattern("^[A-Za-z0-9_-]+$", NAME),
        &[
            ("a-b_C9", true),
            ("a.b", false),
            ("*", false),
            (">", false),
            ("a b", false),
            ("a\r\nb", false),
            ("", false),
        ],
    );
}

#[test]
fn date_time_follows_rfc_3339() {
    check(
        TextConstraint::new().format(Format::DateTime),
        &[
            ("1985-04-12T23:20:50.52Z", true),
            ("1996-12-19t16:39:57-08:00", true),
            ("2026-11-23T13:18:00.123456789z", true),
            ("1990-12-31T23:59:60Z", true),
            ("1990-12-31T15:59:60-08:00", true),
            ("0000-02-29T00:00:00Z", true),
            ("1990-12-31T22:59:60Z", false),
            ("1990-12-31T23:59:61Z", false),
            ("1990-02-31T15:59:59Z", false),
            ("2025-02-29T00:00:00Z", false),
            ("2025-13-01T00:00:00Z", false),
            ("2025-00-01T00:00:00Z", false),
            ("2025-01-01T24:00:00Z", false),
            ("2025-01-01T00:60:00Z", false),
            ("2025-01-01T00:00:00", false),
            ("2025-01-01T00:00:00.Z", false),
            ("2025-01-01T00:00:00+24:00", false),
            ("2025-01-01T00:00:00+0100", false),
            ("2025-01-01T00:00:00+01", false),
            ("2025-01-01 00:00:00Z", false),
            ("2025-01-01", false),
            ("2025-1-01T00:00:00Z", false),
            ("2025-01-01T00:00:0৪Z", false),
            ("+2025-01-01T00:00:00Z", false),
            ("2025-01-01T00:00:00Z ", false),
            ("2025-01-01T00:00:00ZZ", false),
            ("", false),
        ],
    );
}

#[test]
fn uuid_requires_its_hyphens() {
    check(
        TextConstraint::new().format(Format::Uuid),
        &[
            ("2eb8aa08-aa98-11ea-b4aa-73b441d16380", true),
            ("2EB8AA08-AA98-11EA-B4AA-73B441D16380", true),
            ("2eb8aa08-aa98-11ea-b4aa-73b441d1638", false),
            ("2eb8aa08aa9811eab4aa73b441d16380", false),
            ("2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", false),
            ("2eb8aa08-aa98-11ea-b4ga-73b441d16380", false),
            ("", false),
        ],
    );
}

#[test]
fn newtypes_hold_only_valid_values() {
    for bad in ["", "a.b", "*", ">", "a b", "a\r\nb", "é", &"a".repeat(300)] {
        assert!(ShopId::try_from(bad).is_err(), "{bad:?}");
        let json = serde_json::to_string(bad).unwrap();
        assert!(serde_json::from_str::<ShopId>(&json).is_err(), "{bad:?}");
    }
    let shop: ShopId = "s-1".parse().unwrap();
    assert_eq!(
        (shop.as_str(), shop.to_string(), String::from(shop.clone())),
        ("s-1", "s-1".to_owned(), "s-1".to_owned())
    );
    assert_eq!(Shelf::try_from(99).unwrap().get(), 99);
    assert_eq!(
        Shelf::try_from(100).unwrap_err().reason(),
        "expected an integer from 0 to 99"
    );
    for bad in [
        "",
        "007",
        "+7",
        "-1",
        "100",
        "7 ",
        "x",
        "99999999999999999999",
    ] {
        assert!(bad.parse::<Shelf>().is_err(), "{bad:?}");
    }
    assert_eq!("7".parse::<Shelf>().map(u32::from), Ok(7));
}

#[test]
fn secret_debug_output_is_hidden() {
    let key = DoorKey::try_from("hunter2").unwrap();
    assert_eq!(format!("{key:?}"), "DoorKey(***)");
    assert_eq!(key.expose(), "hunter2");
    let error = DoorKey::try_from("hunter2-and-more").unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}
