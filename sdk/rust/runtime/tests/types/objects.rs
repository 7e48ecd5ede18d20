//! Objects: required members, optional members, members with defaults, and additional members.

use crate::agreement::Expected::{Refuses, Takes};
use crate::agreement::both;
use crate::shapes::{AnyValue, Area, Closed, Free, Labels, Nothing, Pair, Scalar, Sheet, Typed};

#[test]
fn object_members_are_required_optional_or_have_a_default() {
    let whole =
        r#"{"name":"a","yes":true,"last":null,"list":[],"level":3,"title":"none","type":[1]}"#;
    for (text, expected) in [
        (r#"{"name":"a","yes":true,"last":null}"#, Takes(whole)),
        (
            r#" { "last" : 7, "extra": [{}], "span_secs": 5.0, "yes": true, "name": "\u0061", "list":["large"], "level":-5, "both": "x", "title":"", "type":null } "#,
            Takes(
                r#"{"name":"a","yes":true,"span_secs":5,"last":7,"both":"x","list":["large"],"level":-5,"title":"","type":null}"#,
            ),
        ),
        (
            r#"{"name":"a","yes":true,"last":null,"both":null}"#,
            Takes(
                r#"{"name":"a","yes":true,"last":null,"both":null,"list":[],"level":3,"title":"none","type":[1]}"#,
            ),
        ),
        (
            r#"{"yes":true,"last":null}"#,
            Refuses("", "expected a member `name`"),
        ),
        (
            r#"{"name":"a","yes":true}"#,
            Refuses("", "expected a member `last`"),
        ),
        (
            r#"{"name":"a","name":"a"}"#,
            Refuses("", "expected one member `name`"),
        ),
        ("[]", Refuses("", "expected an object")),
        (
            "",
            Refuses(
                "",
                "expected JSON, but EOF while parsing a value at line 1 column 0",
            ),
        ),
    ] {
        both::<Sheet>(text, expected);
    }
}

#[test]
fn object_violations_have_the_pointer_of_the_member() {
    for (text, expected) in [
        (
            r#"{"name":"a","yes":false,"last":null}"#,
            Refuses("/yes", "expected true"),
        ),
        (r#"{"name":null}"#, Refuses("/name", "expected a string")),
        (
            r#"{"name":"A"}"#,
            Refuses("/name", "expected a string that matches ^[a-z-]+$"),
        ),
        (
            r#"{"span_secs":null}"#,
            Refuses("/span_secs", "expected an integer from 1 to 60"),
        ),
        (
            r#"{"span_secs":61}"#,
            Refuses("/span_secs", "expected an integer from 1 to 60"),
        ),
        (r#"{"list":null}"#, Refuses("/list", "expected an array")),
        (
            r#"{"list":["small","none"]}"#,
            Refuses("/list/1", "expected one of `small`, `large`"),
        ),
        (
            r#"{"both":""}"#,
            Refuses("/both", "expected at least 1 characters"),
        ),
        (
            r#"{"both":"abcde"}"#,
            Refuses("/both", "expected at most 4 characters"),
        ),
        (
            r#"{"level":6}"#,
            Refuses("/level", "expected an integer from -5 to 5"),
        ),
        (
            r#"{"level":0.5}"#,
            Refuses("/level", "expected an integer from -5 to 5"),
        ),
        (
            r#"{"type":{"a":1,"a":1}}"#,
            Refuses("/type", "expected one member `a`"),
        ),
    ] {
        both::<Sheet>(text, expected);
    }
}

#[test]
fn object_denies_unknown_members_if_the_schema_does() {
    let known = "expected no member but `token`, `shares`";
    for (text, expected) in [
        (r#"{"shares":{}}"#, Takes(r#"{"shares":{}}"#)),
        (
            r#"{"shares":{"b":1,"a":0.5},"token":"1234"}"#,
            Takes(r#"{"token":"1234","shares":{"a":0.5,"b":1.0}}"#),
        ),
        (r#"{"shares":{},"other":1}"#, Refuses("", known)),
        (
            r#"{"shares":{"a":2}}"#,
            Refuses("/shares/a", "expected a number from 0 to 1"),
        ),
        (
            r#"{"shares":{"A":1}}"#,
            Refuses("/shares", "expected a string that matches ^[a-z-]+$"),
        ),
        (
            r#"{"shares":{"a":1,"a":1}}"#,
            Refuses("/shares", "expected one member `a`"),
        ),
        (
            r#"{"token":"123"}"#,
            Refuses("/token", "expected at least 4 characters"),
        ),
    ] {
        both::<Closed>(text, expected);
    }
}

#[test]
fn object_flattens_additional_members_into_a_map() {
    for (text, expected) in [
        ("{}", Takes("{}")),
        (
            r#"{"z":{"y":[1,2.5]},"known":[1,2],"a":null}"#,
            Takes(r#"{"known":[1,2],"z":{"y":[1,2.5]},"a":null}"#),
        ),
        (
            r#"{"a":1,"b":2,"a":3}"#,
            Refuses("", "expected one member `a`"),
        ),
        (
            r#"{"known":[1,2,3]}"#,
            Refuses("/known", "expected at most 2 items"),
        ),
        (
            r#"{"known":[256]}"#,
            Refuses("/known/0", "expected an integer from 0 to 255"),
        ),
    ] {
        both::<Free>(text, expected);
    }
    for (text, expected) in [
        ("{}", Takes("{}")),
        (
            r#"{"b":["x"],"a":["y","z"]}"#,
            Takes(r#"{"a":["y","z"],"b":["x"]}"#),
        ),
        (
            r#"{"a/b":[]}"#,
            Refuses("/a~1b", "expected at least 1 items"),
        ),
        (
            r#"{"a":["x"],"a":["x"]}"#,
            Refuses("", "expected one member `a`"),
        ),
        (r#"{"a":[7]}"#, Refuses("/a/0", "expected a string")),
    ] {
        both::<Typed>(text, expected);
    }
}

#[test]
fn object_without_fields_ignores_all_members() {
    both::<Nothing>("{}", Takes("{}"));
    both::<Nothing>(r#"{"a":1,"a":1}"#, Takes("{}"));
    both::<Nothing>("null", Refuses("", "expected an object"));
}

#[test]
fn object_assertion_is_validated_beside_the_type() {
    for (text, expected) in [
        (r#"{"height":2}"#, Takes(r#"{"height":2}"#)),
        (
            r#"{"height":2,"width":1}"#,
            Takes(r#"{"width":1,"height":2}"#),
        ),
        (
            r#"{"width":1}"#,
            Refuses("", "expected a member `height` beside `width`"),
        ),
        (
            r#"{"width":-1}"#,
            Refuses("/width", "expected an integer from 0 to 65535"),
        ),
        (
            r#"{"depth":1}"#,
            Refuses("", "expected no member but `width`, `height`"),
        ),
    ] {
        both::<Area>(text, expected);
    }
    both::<Pair>("[1,2]", Takes("[1,2]"));
    both::<Pair>(
        "[1,1.0]",
        Refuses("", "expected items that differ from each other"),
    );
    both::<Scalar>(r#""a""#, Takes(r#""a""#));
    both::<Scalar>("1.5", Takes("1.5"));
    both::<Scalar>("null", Refuses("", "expected a string or a number"));
}

#[test]
fn object_type_may_be_recursive() {
    let text = r#"{"name":"a","children":[{"name":"b","children":[]},{"name":"c","children":[{"name":"d","children":[]}]}],"next":{"name":"e","children":[]}}"#;
    both::<AnyValue>(text, Takes(text));
    both::<AnyValue>(
        r#"{"name":"a","children":[{"name":"b"},{"name":"c","children":[{"name":7}]}]}"#,
        Refuses("/children/1/children/0/name", "expected a string"),
    );
    both::<AnyValue>(
        r#"{"name":"a","next":{"name":"b","next":{}}}"#,
        Refuses("/next/next", "expected a member `name`"),
    );
    let deep = format!(
        "{}null{}",
        r#"{"name":"a","next":"#.repeat(200),
        "}".repeat(200)
    );
    let pointer = "/next".repeat(127).leak();
    both::<AnyValue>(&deep, Refuses(pointer, "expected at most 127 levels"));
}

#[test]
fn newtype_has_the_encoding_of_its_content() {
    for (text, expected) in [
        ("{}", Takes("{}")),
        (r#"{"b":"x","a":""}"#, Takes(r#"{"a":"","b":"x"}"#)),
        (
            r#"{"a":"","b":"","c":""}"#,
            Refuses("", "expected at most 2 members"),
        ),
        (
            r#"{"a":"12345"}"#,
            Refuses("/a", "expected at most 4 characters"),
        ),
        (r#"{"":""}"#, Refuses("", "expected at least 1 characters")),
    ] {
        both::<Labels>(text, expected);
    }
}
