//! Outputs of programs, and checkpoints.

use super::*;

const HIGHEST: &str = "var highest = 100
    stream Alarm = Reading .where(t > highest) .set(highest: t) .emit(t: t, unit: \"C\", was: gone)";

fn pipeline(source: &str) -> Pipeline {
    let name = PipelineName::try_from("p").expect("short");
    Pipeline::new(name, Program::parse(source).expect("a program"))
}

fn process(pipeline: &mut Pipeline, event_type: &str, fields: &str) -> Result<String, String> {
    let fields: Map =
        natsgen_runtime::codec::decode(fields.as_bytes(), natsgen_runtime::Side::Reply)
            .expect("an object");
    let outputs = pipeline.process(&EventType::try_from(event_type).expect("short"), &fields)?;
    let shown = outputs.iter().map(|output| {
        let fields = output.fields.clone().unwrap_or_default().0.into_inner();
        format!("{} {}", output.event_type, Value::Object(fields))
    });
    Ok(shown.collect::<Vec<_>>().join(", "))
}

fn members<const N: usize, const MAX: usize>(members: [(&str, Value); N]) -> Limited<Map, 0, MAX> {
    Limited::new(Map::from_iter(members)).expect("few")
}

fn check(source: &str, fields: &str, expected: Result<&str, &str>) {
    let found = process(&mut pipeline(source), "X", fields);
    assert_eq!(
        found.as_deref(),
        expected.map_err(str::to_owned).as_ref().map(|text| *text),
        "{source} {fields}"
    );
}

#[test]
fn pipeline_programs_emit_expected_outputs() {
    check("", r#"{"a":1}"#, Ok(""));
    check("stream A = Y", r#"{"a":1}"#, Ok(""));
    check("stream A = X", r#"{"a":1}"#, Ok(r#"A {"a":1}"#));
    check("stream A = X .emit()", r#"{"a":1}"#, Ok("A {}"));
    check(
        "stream A = X stream B = X .emit(b: a)",
        r#"{"a":1}"#,
        Ok(r#"A {"a":1}, B {"b":1}"#),
    );
    check("stream A = X .where(a > 1)", r#"{"a":1}"#, Ok(""));
    check(
        "stream A = X .where(a > 1)",
        r#"{"a":1.5}"#,
        Ok(r#"A {"a":1.5}"#),
    );
    check("stream A = X .where(a > 1)", r#"{"b":2}"#, Ok(""));
    check("stream A = X .where(a != 1)", r#"{"b":2}"#, Ok(""));
    check(
        "stream A = X .where(a >= 1 and a <= 2 and a < b) .emit()",
        r#"{"a":2,"b":3}"#,
        Ok("A {}"),
    );
    check(
        r#"stream A = X .where(a == "x" and b == true) .emit()"#,
        r#"{"a":"x","b":true}"#,
        Ok("A {}"),
    );
    check(
        "stream A = X .where(a > 1)",
        r#"{"a":"2"}"#,
        Err("stream A: cannot compare a text with a number"),
    );
    check(
        "stream A = X .where(a == 1)",
        r#"{"a":null}"#,
        Err("stream A: cannot compare null with a number"),
    );
}

#[test]
fn pipeline_large_integers_stay_exact() {
    let source = "stream A = X .where(a > 18446744073709551614)";
    check(source, r#"{"a":18446744073709551614}"#, Ok(""));
    check(
        source,
        r#"{"a":18446744073709551615}"#,
        Ok(r#"A {"a":18446744073709551615}"#),
    );
}

#[test]
fn pipeline_failed_event_changes_nothing() {
    let source = "var n = 0 stream A = X .set(n: a) stream B = X .where(b > 1)";
    let mut pipeline = pipeline(source);
    process(&mut pipeline, "X", r#"{"a":1,"b":"text"}"#).expect_err("a text is not a number");
    assert_eq!(
        pipeline.checkpoint(),
        super::tests::pipeline(source).checkpoint()
    );
}

#[test]
fn checkpoint_restores_counters_and_variables() {
    let mut before = pipeline(HIGHEST);
    assert_eq!(
        process(&mut before, "Reading", r#"{"t":150.5}"#).as_deref(),
        Ok(r#"Alarm {"t":150.5,"unit":"C"}"#)
    );
    let checkpoint = before.checkpoint();
    let mut after = pipeline(HIGHEST);
    after.restore(&checkpoint).expect("the same program");
    assert_eq!(after.checkpoint(), checkpoint);
    assert_eq!(
        (
            checkpoint.events_processed,
            checkpoint.output_events_emitted
        ),
        (1, 1)
    );
    assert_eq!(
        process(&mut after, "Reading", r#"{"t":120}"#).as_deref(),
        Ok(""),
        "150.5 is still the highest"
    );
    assert_eq!(
        process(&mut after, "Reading", r#"{"t":151}"#).as_deref(),
        Ok(r#"Alarm {"t":151,"unit":"C"}"#)
    );
}

#[test]
fn checkpoint_of_another_program_is_refused() {
    let good = pipeline(HIGHEST).checkpoint();
    let check = |change: &dyn Fn(&mut EngineCheckpoint), expected: &str| {
        let mut checkpoint = good.clone();
        change(&mut checkpoint);
        let mut pipeline = pipeline(HIGHEST);
        assert_eq!(pipeline.restore(&checkpoint), Err(expected.to_owned()));
        assert_eq!(pipeline.checkpoint(), good);
    };
    check(
        &|c| c.version = 99,
        "checkpoint version 99 is newer than supported version 2",
    );
    check(
        &|c| c.window_states.0 = members([("W", Value::Null)]),
        "the sample engine does not support window_states",
    );
    check(
        &|c| c.variables = members([]),
        "the checkpoint has no variable `highest`",
    );
    check(
        &|c| {
            c.variables = members([
                ("highest", tagged(&1.into())),
                ("lowest", tagged(&1.into())),
            ]);
        },
        "the program declares no variable `lowest`",
    );
    check(
        &|c| c.variables = members([("highest", 1.into())]),
        "variable `highest` has no value",
    );
}
