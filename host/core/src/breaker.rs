//! When a failing plugin is left alone: after so many missed deadlines in a row its breaker opens, and
//! after a while one call may try again. Takes the time as an argument. A trap does not count: it comes
//! fast, and it is a verdict about an event that every replay repeats, while an open breaker is not. An
//! impure plugin stays out until deployed anew: nothing it says can be relied on.

use foreshore_event::{Span, Time};
use foreshore_timeline::{Fault, Folded, Folder, Row};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct BreakerSettings {
    /// Missed deadlines in a row that open it.
    pub failures: u32,
    /// How long it stays open before one call may try again.
    pub cooldown: Span,
}

/// A plugin's breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    failures: u32,
    open_until: Option<Time>,
    why: String,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(settings: BreakerSettings) -> Breaker {
        Breaker {
            settings,
            failures: 0,
            open_until: None,
            why: String::new(),
        }
    }

    /// Whether calls are refused now.
    pub fn is_open(&self, now: Time) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }

    /// Why calls are refused now; none if they are not.
    pub fn why_open(&self, now: Time) -> Option<&str> {
        self.is_open(now).then_some(self.why.as_str())
    }

    /// Makes a call unless the breaker is open, and learns from its result.
    ///
    /// # Errors
    /// The call's own fault, or that the breaker is open.
    pub fn call<T>(
        &mut self,
        now: Time,
        call: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.is_open(now) {
            return Err(Fault::Open(self.why.clone()));
        }
        let result = call();
        match &result {
            Ok(_) | Err(Fault::Trap(_)) => (self.failures, self.open_until) = (0, None),
            Err(fault) => self.note(fault, now),
        }
        result
    }

    fn note(&mut self, fault: &Fault, now: Time) {
        self.failures = self.failures.saturating_add(1);
        // A half-open breaker has its failures still counted: one more opens it again.
        let until = match fault {
            Fault::Impure(_) => Time(i64::MAX),
            _ if self.failures >= self.settings.failures.max(1) => now.plus(self.settings.cooldown),
            _ => return,
        };
        self.open_until = Some(until);
        self.why = format!(
            "after {} failures in a row, the last: {fault}",
            self.failures
        );
    }
}

/// A feature plugin behind its breaker.
pub(crate) struct Guarded<'a> {
    pub(crate) breaker: &'a mut Breaker,
    pub(crate) folder: &'a mut dyn Folder,
    pub(crate) now: Time,
}

impl Folder for Guarded<'_> {
    fn features(&self) -> usize {
        self.folder.features()
    }

    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
        self.breaker
            .call(self.now, || self.folder.fold(state, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail() -> Result<(), Fault> {
        Err(Fault::Timeout("slow".into()))
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_tries_again_after_the_cooldown() {
        let settings = BreakerSettings {
            failures: 2,
            cooldown: Span(10),
        };
        let mut breaker = Breaker::new(settings);
        assert_eq!(breaker.call(Time(0), fail), fail());
        assert_eq!(
            breaker.call(Time(1), || Ok(())),
            Ok(()),
            "a success starts the count anew"
        );
        assert_eq!(breaker.call(Time(2), fail), fail());
        assert_eq!(breaker.call(Time(3), fail), fail());
        let refused = breaker.call(Time(12), || Ok(())).unwrap_err().to_string();
        assert_eq!(
            refused,
            "breaker open: after 2 failures in a row, the last: timeout: slow"
        );
        assert_eq!(
            breaker.call(Time(13), fail),
            fail(),
            "half open: one call tries"
        );
        assert!(breaker.is_open(Time(22)));
        assert_eq!(breaker.call(Time(23), || Ok(())), Ok(()));
        assert!(!breaker.is_open(Time(23)));
    }

    #[test]
    fn traps_do_not_open_it() {
        let mut breaker = Breaker::new(BreakerSettings {
            failures: 1,
            cooldown: Span(10),
        });
        let trap = || Err::<(), _>(Fault::Trap("unreachable".into()));
        assert_eq!(breaker.call(Time(0), trap), trap());
        assert_eq!(breaker.call(Time(0), || Ok(())), Ok(()));
    }

    #[test]
    fn an_impure_plugin_stays_out() {
        let mut breaker = Breaker::new(BreakerSettings {
            failures: 9,
            cooldown: Span(1),
        });
        let impure = || Err::<(), _>(Fault::Impure("other bytes".into()));
        assert_eq!(breaker.call(Time(0), impure), impure());
        assert!(breaker.is_open(Time(i64::MAX - 1)));
    }
}
