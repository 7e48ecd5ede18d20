//! `hostile`: the cost to refuse an invalid or hostile message, relative to the cost to accept a valid message.

mod flood;
mod invalid;

use std::hint::black_box;
use std::time::Instant;

use natsgen_runtime::{Side, codec};
use serde_json::Value;
use varpulis_sdk::coordinator::{Heartbeat, RegisterRequest};
use varpulis_sdk::worker::{DeployRequest, InjectBatchRequest};

use crate::codec::message::{self, Message};
use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// Decodes a message, and returns whether it is accepted.
type Read = fn(&[u8]) -> bool;

/// Measures invalid messages of each kind, and hostile messages.
///
/// # Errors
/// If the result for a message is wrong.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    for message in message::all() {
        refuse(&message, reader(&message)?, effort, report)?;
    }
    hostile(effort, report)
}

fn reader(message: &Message) -> Result<Read, Failure> {
    Ok(match message.name {
        "register" => |bytes| accepts::<RegisterRequest>(bytes),
        "deploy" | "program" => |bytes| accepts::<DeployRequest>(bytes),
        "heartbeat" => |bytes| accepts::<Heartbeat>(bytes),
        "inject_batch" => |bytes| accepts::<InjectBatchRequest>(bytes),
        other => return Err(format!("no decoder for {other}").into()),
    })
}

fn accepts<T: for<'a> natsgen_runtime::Decode<'a>>(bytes: &[u8]) -> bool {
    black_box(codec::decode::<T>(bytes, Side::Request)).is_ok()
}

/// Compares the time to refuse an invalid message of the same size with the time to accept the valid message.
fn refuse(
    message: &Message,
    read: Read,
    effort: Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut texts = vec![message.text.clone()];
    texts.extend(
        invalid::all(&message.text)
            .into_iter()
            .filter(|text| !read(text)),
    );
    if !read(&texts[0]) || texts.len() < 4 {
        return Err(format!("{}: refused, or too few invalid messages", message.name).into());
    }
    let times = times(&texts, read, effort);
    let mut ratios: Vec<f64> = times[1..].iter().map(|bad| bad.ratio(&times[0])).collect();
    ratios.sort_by(f64::total_cmp);
    let count = u32::try_from(ratios.len())?;
    report.line(
        &format!("refuse.{}.messages", message.name),
        count.into(),
        Unit::Count,
    )?;
    report.line(
        &format!("refuse.{}.median", message.name),
        ratios[ratios.len() / 2],
        Unit::Ratio,
    )?;
    let worst = ratios.last().copied().unwrap_or(f64::NAN);
    Ok(report.line(
        &format!("refuse.{}.worst", message.name),
        worst,
        Unit::Ratio,
    )?)
}

/// Compares the time per byte of hostile messages with that of a valid message, and their time with `serde_json`.
/// `serde_json` reads the same bytes as a value or refuses them.
fn hostile(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let read: Read = |bytes| accepts::<InjectBatchRequest>(bytes);
    let good = message::all()
        .into_iter()
        .find(|message| message.name == "inject_batch");
    let good = good.ok_or("the valid message is missing")?.text;
    let floods = flood::all();
    let texts: Vec<Vec<u8>> = [good]
        .into_iter()
        .chain(floods.iter().map(|flood| flood.text.clone()))
        .collect();
    let contradicted = floods
        .iter()
        .filter(|flood| read(&flood.text) != flood.is_valid);
    let contradicted: Vec<&str> = contradicted.map(|flood| flood.name).collect();
    if !contradicted.is_empty() {
        return Err(format!("wrong results: {contradicted:?}").into());
    }
    let plain = times(
        &texts,
        |bytes| black_box(serde_json::from_slice::<Value>(bytes)).is_ok(),
        effort,
    );
    let times = times(&texts, read, effort);
    let per_byte = |at: usize| {
        let bytes = u32::try_from(texts[at].len()).unwrap_or(u32::MAX);
        times[at].scaled(1.0 / f64::from(bytes))
    };
    let good = per_byte(0);
    report.line("byte.good", good.median(), Unit::Nanos)?;
    for (at, flood) in floods.iter().enumerate() {
        let ours = per_byte(at + 1);
        report.line(&format!("byte.{}", flood.name), ours.median(), Unit::Nanos)?;
        report.line(
            &format!("ratio.byte.{}", flood.name),
            ours.ratio(&good),
            Unit::Ratio,
        )?;
        let beside = times[at + 1].ratio(&plain[at + 1]);
        report.line(
            &format!("ratio.serde_json.{}", flood.name),
            beside,
            Unit::Ratio,
        )?;
    }
    Ok(())
}

/// The nanoseconds for each text, measured in turns.
fn times(texts: &[Vec<u8>], read: Read, effort: Effort) -> Vec<Series> {
    let rounds = if effort.quick { 3 } else { 15 };
    let mut times = vec![Series::default(); texts.len()];
    let repetitions: Vec<u32> = texts.iter().map(|text| repetitions(text, read)).collect();
    for turn in turns(rounds, texts.len()) {
        let start = Instant::now();
        for _ in 0..repetitions[turn] {
            black_box(read(black_box(&texts[turn])));
        }
        times[turn].push(start.elapsed().as_secs_f64() * 1e9 / f64::from(repetitions[turn]));
    }
    times
}

/// The number of repetitions in a round of about a millisecond.
fn repetitions(text: &[u8], read: Read) -> u32 {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed().as_micros() < 1_000 {
        black_box(read(text));
        count += 1;
    }
    count
}
