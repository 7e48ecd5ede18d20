//! `codec`: the time to decode and encode a message with all checks of its schema, beside `serde_json` with plain
//! structs and no checks.

mod contender;
pub(crate) mod message;
mod place;
mod plain;
mod sonic;
mod typify;

use std::path::Path;

use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};
use contender::Contender;
use message::Message;

/// The contender that all ratios refer to.
const BASELINE: &str = "serde_json";

/// Measures every message in both directions.
///
/// # Errors
/// If a contender refuses a message or encodes it differently.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    for message in message::all() {
        let bytes = u32::try_from(message.text.len())?;
        report.line(
            &format!("bytes.{}", message.name),
            bytes.into(),
            Unit::Bytes,
        )?;
        let decoders = contender::decoders(&message, &schemas)?;
        measure("decode", &message, decoders, effort, report)?;
        let encoders = contender::encoders(&message)?;
        measure("encode", &message, encoders, effort, report)?;
    }
    Ok(())
}

fn measure(
    direction: &str,
    message: &Message,
    mut contenders: Vec<Contender>,
    effort: Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    let repetitions = contenders[0].repetitions(effort);
    let mut times = vec![Series::default(); contenders.len()];
    for turn in turns(if effort.quick { 3 } else { 31 }, contenders.len()) {
        times[turn].push(contenders[turn].time(repetitions)?);
    }
    let baseline = contenders.iter().position(|it| it.name == BASELINE);
    let baseline = &times[baseline.ok_or("the baseline is missing")?].clone();
    for (contender, times) in contenders.iter().zip(&times) {
        let case = format!("{direction}.{}.{}", message.name, contender.name);
        report.line(&case, times.median(), Unit::Nanos)?;
        if contender.name != BASELINE {
            let case = format!("ratio.{case}");
            report.line(&case, times.ratio(baseline), Unit::Ratio)?;
        }
    }
    Ok(())
}
