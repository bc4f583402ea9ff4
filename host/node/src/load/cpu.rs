//! How much of a processor a pipeline may use: its own `limits.cpu`, or a share of the machine. Gives time in
//! every second; how that is kept to is the worker's business.

use std::thread::available_parallelism;
use std::time::Duration;

use crate::config::{ConfigError, PipelineConfig};
use crate::load::Place;

/// All that one thread can use: as good as no limit.
const WHOLE: Duration = Duration::from_secs(1);

/// The share of each of so many pipelines: all processors but one, which is for what the pipelines have in
/// common, in equal parts. None where that is no limit, and for a pipeline that is alone.
fn share(pipelines: usize) -> Option<Duration> {
    let processors = available_parallelism().map_or(1, usize::from);
    share_of(processors, pipelines)
}

fn share_of(processors: usize, pipelines: usize) -> Option<Duration> {
    let processors = u32::try_from(processors).unwrap_or(u32::MAX).max(2) - 1;
    let pipelines = u32::try_from(pipelines).unwrap_or(u32::MAX);
    (pipelines > processors && pipelines > 1).then(|| WHOLE * processors / pipelines)
}

/// What a pipeline may use in every second.
///
/// # Errors
/// When it says what no thread can have, or what none could work with.
pub(super) fn budget(
    at: &Place<'_>,
    key: &str,
    config: &PipelineConfig,
) -> Result<Option<Duration>, ConfigError> {
    let Some(written) = config.limits.cpu else {
        return Ok(share(at.pipelines));
    };
    match written.duration() {
        time if time.is_zero() || time > WHOLE => {
            let found = written.0;
            let reason = format!(
                "{found} of a processor's time in every second: a pipeline has one thread; write more than 0 and \
                 at most \"1s\", which is no limit"
            );
            Err(at.wrong(format!("{key}.limits.cpu"), reason))
        }
        WHOLE => Ok(None),
        time => Ok(Some(time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_share_all_processors_but_one() {
        let milliseconds =
            |processors, pipelines| share_of(processors, pipelines).map(|share| share.as_millis());
        for (processors, pipelines, share) in [
            (1, 1, None),
            (2, 1, None),
            (1, 2, Some(500)),
            (2, 2, Some(500)),
            (4, 3, None),
            (4, 6, Some(500)),
            (4, 30, Some(100)),
        ] {
            let found = milliseconds(processors, pipelines);
            assert_eq!(
                found, share,
                "{pipelines} pipelines on {processors} processors"
            );
        }
    }
}
