//! `codegen`: the time that generators need for protocols of the same size, from text to formatted source.

mod generator;
mod natsgen;
mod progenitor;
mod prost;
mod synthetic;

use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};
use generator::{Generator, time};
use natsgen::Natsgen;
use progenitor::Progenitor;
pub(crate) use prost::Prost;
pub(crate) use synthetic::Synthetic;

/// The generator whose ratios are printed.
const OURS: &str = "natsgen";

/// A generator and a protocol.
struct Case {
    name: &'static str,
    /// The number of operations of the protocol, or the name of the protocol.
    size: String,
    generator: Box<dyn Generator>,
    /// In milliseconds.
    times: Series,
}

impl Case {
    fn new(name: &'static str, size: &impl ToString, generator: impl Generator + 'static) -> Self {
        let generator = Box::new(generator);
        Self {
            name,
            size: size.to_string(),
            generator,
            times: Series::default(),
        }
    }
}

/// Measures the generators after a warm-up run of each.
///
/// # Errors
/// If a generator refuses its input.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let mut cases = cases(effort)?;
    for case in &cases {
        let output = case.generator.generate()?;
        report.line(
            &format!("lines.{}.{}", case.name, case.size),
            output.lines,
            Unit::Lines,
        )?;
    }
    for turn in turns(if effort.quick { 1 } else { 7 }, cases.len()) {
        let case = &mut cases[turn];
        case.times.push(time(case.generator.as_ref())?);
    }
    for case in &cases {
        report.line(
            &format!("{}.{}", case.name, case.size),
            case.times.median(),
            Unit::Millis,
        )?;
    }
    ratios(&cases, report)
}

/// All generators at each size. The largest size runs with natsgen only.
fn cases(effort: Effort) -> Result<Vec<Case>, Failure> {
    let sizes = if effort.quick { [10, 100] } else { [100, 1000] };
    let mut cases = vec![Case::new(OURS, &"varpulis", Natsgen::varpulis()?)];
    for size in sizes {
        let protocol = Synthetic::new(size);
        cases.push(Case::new(OURS, &size, Natsgen::new(protocol.schema())));
        cases.push(Case::new("prost", &size, Prost::new(protocol)));
        cases.push(Case::new("progenitor", &size, Progenitor::new(protocol)));
    }
    let largest = sizes[1] * 10;
    let protocol = Synthetic::new(largest);
    cases.push(Case::new(OURS, &largest, Natsgen::new(protocol.schema())));
    Ok(cases)
}

/// Prints the ratio of natsgen to the other generators, and the growth of the time with ten times the operations.
fn ratios(cases: &[Case], report: &mut Report) -> Result<(), Failure> {
    let ours: Vec<_> = cases.iter().filter(|case| case.name == OURS).collect();
    for our in &ours {
        let rivals = cases
            .iter()
            .filter(|case| case.name != OURS && case.size == our.size);
        for other in rivals {
            let case = format!("ratio_{}.{}", other.name, our.size);
            report.line(&case, our.times.ratio(&other.times), Unit::Ratio)?;
        }
        let ten_times = format!("{}0", our.size);
        if let Some(larger) = ours.iter().find(|case| case.size == ten_times) {
            let case = format!("growth.{}_to_{ten_times}", our.size);
            report.line(&case, larger.times.ratio(&our.times), Unit::Ratio)?;
        }
    }
    Ok(())
}
