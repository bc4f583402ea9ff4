//! An evil guest beside a healthy one, in one engine. Takes calls into the evil one; checks what each comes to,
//! that the healthy one still answers byte for byte, and how far past its deadline the host was. Must not know
//! why a guest is evil.

use std::time::{Duration, Instant};

use foreshore_event::Event;
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeaturePlugin, FeatureSandbox, Isolation,
    Limits, LoadError, ModelPlugin, SandboxSettings,
};
use foreshore_proof::Proof;
use foreshore_timeline::{Fault, Folded, Folder, Row};

use crate::guests;
use crate::pipeline::{paid, row, schema};

/// Time of an evil call.
const CALL_TIME: Duration = Duration::from_millis(10);

/// How far past its deadline a call may be answered on a machine that has better things to do. What is promised
/// is 2 ms on one that has not: the figure is measured, and told in the proof.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long past its deadline a call may be at work: what is promised.
const PROMISED: Duration = Duration::from_millis(2);

/// Calls that may be later before one is not: on a busy machine the clock itself is late now and then.
const TRIES: usize = 20;

/// What a call that took too long is told.
const LATE: &str = "ran over the call's limit";

/// Money of each event the healthy guest gets.
const AMOUNT: f64 = 10.0;

/// What an evil call comes to.
#[derive(Clone, Copy, Debug)]
pub enum Comes {
    /// To a trap, told with these words.
    Trap(&'static str),
    /// To a timeout, told with these words.
    Timeout(&'static str),
    /// To the answer of an honest guest: it did its evil in vain.
    Nothing,
}

impl Comes {
    fn is(self, answer: &Result<Folded, Fault>) {
        let (kind, words) = match (answer, self) {
            (Err(Fault::Trap(why)), Comes::Trap(words)) => (why, words),
            (Err(Fault::Timeout(why)), Comes::Timeout(words)) => (why, words),
            (Ok(folded), Comes::Nothing) => {
                assert_eq!(folded.features, [1.0, AMOUNT]);
                return;
            }
            _ => panic!("{answer:?}, expected {self:?}"),
        };
        assert!(kind.contains(words), "`{words}` is not in: {kind}");
    }
}

/// Both guests, and what was seen.
pub struct Beside {
    pub engine: Engine,
    healthy: FeatureSandbox,
    state: Vec<u8>,
    event: Event,
    folded: f64,
    calls: u64,
    beyond: Duration,
    /// The same without the time that others had the processor.
    beyond_working: Duration,
    /// That of the last call.
    last_beyond_working: Duration,
}

/// Settings of evil guests.
pub fn strict() -> SandboxSettings {
    SandboxSettings {
        limits: Limits {
            call_time: CALL_TIME,
            ..Limits::default()
        },
        isolation: Isolation::Warm,
        purity_every: 0,
    }
}

/// Settings under which no busy machine makes an honest guest late.
pub fn patient() -> SandboxSettings {
    SandboxSettings {
        limits: Limits {
            call_time: Duration::from_secs(60),
            ..Limits::default()
        },
        ..SandboxSettings::default()
    }
}

/// An engine with room for so many instances.
pub fn engine(instances: u32) -> Engine {
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances,
        compiler: Compiler::Here,
    })
    .unwrap();
    assert!(engine.is_pooled());
    engine
}

/// A sandbox of a feature plugin.
pub fn sandbox(engine: &Engine, bytes: &[u8], settings: SandboxSettings) -> FeatureSandbox {
    let plugin = FeaturePlugin::load(engine, bytes, &settings.limits).unwrap();
    let binding = FeatureBinding::new(plugin.description(), &schema()).unwrap();
    plugin.sandbox(binding, settings)
}

impl Beside {
    pub fn new() -> Beside {
        let engine = engine(6);
        let counter = guests::features(&guests::counter(""));
        Beside {
            healthy: sandbox(&engine, &counter, patient()),
            engine,
            state: Vec::new(),
            event: paid(AMOUNT),
            folded: 0.0,
            calls: 0,
            beyond: Duration::ZERO,
            beyond_working: Duration::ZERO,
            last_beyond_working: Duration::ZERO,
        }
    }

    /// A sandbox of an evil guest that has all the time it wants.
    pub fn evil(&self, bytes: &[u8]) -> FeatureSandbox {
        sandbox(&self.engine, bytes, patient())
    }

    /// Calls an evil guest with one row of all flags.
    pub fn fold(&mut self, evil: &mut FeatureSandbox, state: &[u8]) -> Result<Folded, Fault> {
        let event = paid(AMOUNT);
        let rows: [Row<'_>; 1] = [row(&event, "aem")];
        self.timed(|| evil.fold(state, &rows))
    }

    /// Scores one row with an evil model.
    pub fn score(&mut self, bytes: &[u8]) -> Result<Vec<f64>, Fault> {
        let plugin = ModelPlugin::load(&self.engine, bytes, &patient().limits).unwrap();
        let mut model = plugin.sandbox(patient());
        self.timed(|| model.score(&[1.0, 2.0]))
    }

    /// Whether it is loaded as a feature plugin or as a model.
    pub fn loads(&mut self, bytes: &[u8]) -> bool {
        let limits = strict().limits;
        let loaded = FeaturePlugin::load(&self.engine, bytes, &limits).is_ok()
            || ModelPlugin::load(&self.engine, bytes, &limits).is_ok();
        self.healthy_still_answers();
        loaded
    }

    /// Why a feature plugin is not loaded.
    pub fn refusal(&mut self, bytes: &[u8]) -> String {
        let loaded = FeaturePlugin::load(&self.engine, bytes, &strict().limits);
        self.healthy_still_answers();
        told(loaded.err())
    }

    /// Why a model plugin is not loaded.
    pub fn model_refusal(&mut self, bytes: &[u8]) -> String {
        let loaded = ModelPlugin::load(&self.engine, bytes, &strict().limits);
        self.healthy_still_answers();
        told(loaded.err())
    }

    /// Calls an evil guest twice, with whatever instance there is then; both come to the same. One that is to be
    /// late is called until it is no later than promised.
    pub fn comes_to(&mut self, bytes: &[u8], comes: Comes) {
        // Only one that is to be late is given little time: a busy machine must not make others late.
        let mut evil = match comes {
            Comes::Timeout(words) if words.starts_with(LATE) => {
                sandbox(&self.engine, bytes, strict())
            }
            _ => self.evil(bytes),
        };
        let mut beyond = Duration::MAX;
        for calls in 1..=TRIES {
            let answer = self.fold(&mut evil, &[]);
            comes.is(&answer);
            beyond = beyond.min(self.last_beyond_working);
            if calls > 1 && beyond <= PROMISED {
                return;
            }
        }
        panic!("at work {beyond:?} past its deadline, at best of {TRIES} calls");
    }

    fn timed<T>(&mut self, call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let (worked, started) = (working(), Instant::now());
        let answer = call();
        let (took, worked) = (started.elapsed(), working().saturating_sub(worked));
        self.calls += 1;
        self.last_beyond_working = Duration::ZERO;
        if matches!(&answer, Err(Fault::Timeout(why)) if why.starts_with(LATE)) {
            let limit = strict().limits.time(1);
            let beyond = took.saturating_sub(limit);
            self.beyond = self.beyond.max(beyond);
            self.last_beyond_working = worked.saturating_sub(limit);
            self.beyond_working = self.beyond_working.max(self.last_beyond_working);
            assert!(beyond < PATIENCE, "answered {beyond:?} after its deadline");
        }
        self.healthy_still_answers();
        answer
    }

    /// The healthy guest folds another event onto all it has folded so far.
    pub fn healthy_still_answers(&mut self) {
        let folded = self.healthy.fold(&self.state, &[row(&self.event, "aem")]);
        let folded = folded.unwrap();
        self.folded += 1.0;
        let expected = [self.folded, self.folded * AMOUNT];
        assert_eq!(folded.features, expected);
        self.state = folded.states[0].to_vec();
        assert_eq!(self.state, expected.map(f64::to_le_bytes).concat());
        assert_eq!(
            self.healthy.counters().instantiations,
            1 + self.healthy.counters().purity_checks
        );
    }

    /// Leaves what was seen in a proof's row.
    pub fn tell(&self, proof: &mut Proof) {
        proof.count("evil calls", self.calls);
        proof.most(
            "host time beyond the deadline, us at most",
            self.beyond.as_micros() as u64,
        );
        proof.most(
            "of it at work, us at most",
            self.beyond_working.as_micros() as u64,
        );
        proof.count("healthy answers", self.folded as u64);
        proof.count("host crashes", 0);
    }
}

/// How long this thread has had a processor so far, where the system tells.
fn working() -> Duration {
    // Giving way has the system count up to now.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn told(error: Option<LoadError>) -> String {
    error.expect("a refusal").to_string()
}
