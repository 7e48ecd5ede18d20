//! Externally and internally tagged unions.

use natsgen_runtime::Side;

use crate::agreement::Expected::{Keeps, Refuses, Takes};
use crate::agreement::{both, check};
use crate::shapes::{Drawing, Entry, Figure, Mood, Size, Vote};

const ENTRIES: &str = "expected one of `Blank`, `Note`, `Sheet`, `Nested`";

#[test]
fn union_external_tag_selects_the_variant() {
    let sheet = r#"{"Nested":{"Sheet":{"name":"a","yes":true,"last":1,"list":[],"level":3,"title":"none","type":[1]}}}"#;
    for (text, expected) in [
        (r#""Blank""#, Takes(r#""Blank""#)),
        (r#"{"Note":"\u00e9"}"#, Takes(r#"{"Note":"é"}"#)),
        (r#"{"Nested":"Blank"}"#, Takes(r#"{"Nested":"Blank"}"#)),
        (
            r#"{"Nested":{"Sheet":{"name":"a","yes":true,"last":1}}}"#,
            Takes(sheet),
        ),
        (
            r#"{"Nested":{"Sheet":{"name":"a"}}}"#,
            Refuses("/Nested/Sheet", "expected a member `yes`"),
        ),
        (
            r#"{"Note":"123456789"}"#,
            Refuses("/Note", "expected at most 8 characters"),
        ),
        (
            r#"{"Blank":null}"#,
            Refuses("", "expected a tag without content"),
        ),
        (
            r#""Note""#,
            Refuses("", "expected the content that belongs to its tag"),
        ),
        (
            r#"{"Note":"a","Blank":1}"#,
            Refuses("", "expected one member"),
        ),
        (
            r#"{"Note":"a","Later":1}"#,
            Refuses("", "expected one member"),
        ),
        (r#"{"error":"bad request"}"#, Refuses("", ENTRIES)),
        (r#""error""#, Refuses("", ENTRIES)),
        ("{}", Refuses("", ENTRIES)),
        ("[]", Refuses("", ENTRIES)),
        ("17", Refuses("", ENTRIES)),
    ] {
        both::<Entry>(text, expected);
    }
    for text in [
        r#""Later""#,
        r#"{"Later":{"a":[1]}}"#,
        r#"{"Nested":{"Later":1}}"#,
    ] {
        check::<Entry>(text, Side::Reply, Keeps);
    }
    check::<Entry>(r#""Later""#, Side::Request, Refuses("", ENTRIES));
    check::<Entry>(r#"{"Later":{"a":1}}"#, Side::Request, Refuses("", ENTRIES));
    check::<Entry>(
        r#"{"Nested":{"Later":1}}"#,
        Side::Request,
        Refuses("/Nested", ENTRIES),
    );
    check::<Entry>(
        r#"{"Later":{"a":1,"a":1}}"#,
        Side::Reply,
        Refuses("/Later", "expected one member `a`"),
    );
}

#[test]
fn union_closed_refuses_unknown_variants() {
    for (text, expected) in [
        (r#""yes""#, Takes(r#""yes""#)),
        (r#"{"weighted":0.5}"#, Takes(r#"{"weighted":0.5}"#)),
        (
            r#"{"weighted":2}"#,
            Refuses("/weighted", "expected a number from 0 to 1"),
        ),
        (r#""no""#, Refuses("", "expected one of `yes`, `weighted`")),
        (
            r#"{"no":1}"#,
            Refuses("", "expected one of `yes`, `weighted`"),
        ),
    ] {
        both::<Vote>(text, expected);
    }
}

#[test]
fn union_internal_tag_may_be_at_any_position() {
    let circle = r#"{"kind":"circle","radius":3,"label":"x"}"#;
    for (text, expected) in [
        (circle, Takes(circle)),
        (r#"{"radius":3,"label":"x","kind":"circle"}"#, Takes(circle)),
        (
            r#"{"radius":3,"label":"x","k\u0069nd":"\u0063ircle"}"#,
            Takes(circle),
        ),
        (
            r#"{"radius":-3,"kind":"circle"}"#,
            Refuses("/radius", "expected an integer from 0 to 4294967295"),
        ),
        (
            r#"{"side":3,"kind":"circle"}"#,
            Refuses("", "expected no member but `kind`, `radius`, `label`"),
        ),
        (
            r#"{"kind":"circle","radius":1,"kind":"circle"}"#,
            Refuses("", "expected one member `kind`"),
        ),
        (r#"{"radius":3}"#, Refuses("", "expected a member `kind`")),
        (r#"{"kind":7}"#, Refuses("/kind", "expected a string")),
        (r#""circle""#, Refuses("", "expected an object")),
    ] {
        both::<Drawing>(text, expected);
        both::<Figure>(text, expected);
    }
    let later = r#"{"side":3,"kind":"square"}"#;
    let refused = Refuses("/kind", "expected one of `circle`");
    check::<Drawing>(later, Side::Reply, Keeps);
    check::<Drawing>(later, Side::Request, refused);
    both::<Figure>(later, refused);
}

#[test]
fn enum_lists_its_strings() {
    both::<Size>(r#""small""#, Takes(r#""small""#));
    both::<Size>(r#""l\u0061rge""#, Takes(r#""large""#));
    both::<Size>(
        r#""Small""#,
        Refuses("", "expected one of `small`, `large`"),
    );
    both::<Size>(r#"{"small":null}"#, Refuses("", "expected a string"));
    both::<Mood>(r#""good""#, Takes(r#""good""#));
    check::<Mood>(r#""bad""#, Side::Reply, Keeps);
    check::<Mood>(
        r#""bad""#,
        Side::Request,
        Refuses("", "expected one of `good`"),
    );
}
