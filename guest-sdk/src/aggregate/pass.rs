//! One walk from the newest entry to the oldest that answers any number of spans: each span's answer is
//! the running one at the point where the span ends.

use crate::time::{Span, Time};

/// The spans of a walk and what was found for each.
pub(crate) struct Pass<const N: usize, T> {
    /// Where each span ends and which one it is, the shortest first.
    ends: [(Time, usize); N],
    /// How many spans have ended.
    ended: usize,
    found: [T; N],
}

impl<const N: usize, T: Copy> Pass<N, T> {
    /// A walk for `spans` as of `at`; no span reaches beyond `longest`.
    pub(crate) fn of(spans: [Span; N], longest: Span, at: Time, nothing: T) -> Pass<N, T> {
        let mut index = 0..N;
        let mut ends = spans.map(|span| {
            let end = at.minus(span.min(longest));
            (end, index.next().unwrap_or_default())
        });
        ends.sort_unstable_by(|left, right| right.cmp(left));
        Pass {
            ends,
            ended: 0,
            found: [nothing; N],
        }
    }

    /// Comes to an entry of `time`, with `running` the answer of all newer ones. False when no span
    /// reaches that far back.
    #[inline]
    pub(crate) fn reaches(&mut self, time: Time, running: &T) -> bool {
        while let Some(&(end, span)) = self.ends.get(self.ended) {
            if time > end {
                return true;
            }
            self.found[span] = *running;
            self.ended += 1;
        }
        false
    }

    /// The answers, in the order of the spans asked for; those that did not end have all there is.
    pub(crate) fn finish(mut self, running: T) -> [T; N] {
        self.reaches(Time(i64::MIN), &running);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_span_gets_what_it_covers_whatever_their_order() {
        let mut pass = Pass::of([Span(30), Span(5), Span(99)], Span(50), Time(100), 0);
        let mut count = 0;
        for time in [100, 96, 95, 71, 70, 51, 50, 49] {
            if !pass.reaches(Time(time), &count) {
                break;
            }
            count += 1;
        }
        assert_eq!(pass.finish(count), [4, 2, 6]);
    }
}
