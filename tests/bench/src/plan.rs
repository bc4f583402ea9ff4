//! How much is measured: what was wished for, as rounds, times and sizes. Must not know what a part measures.

use std::time::Duration;

use clap::Args;

/// What is wished for.
#[derive(Args, Clone, Debug)]
pub struct Wish {
    /// In under two minutes: fewer loads, shorter ones, for whether it runs and its ratios are sane
    #[arg(long)]
    pub quick: bool,
    /// Only this part; may be given several times
    #[arg(long = "only", value_name = "PART")]
    pub only: Vec<String>,
    /// Rounds of every comparison, of which the median is told
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
}

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rounds of every comparison, arms in turn.
    pub rounds: usize,
    /// How long one load of closed connections takes.
    pub ceiling_time: Duration,
    /// Connections at once.
    pub connections: &'static [usize],
    /// How long one load on a schedule takes.
    pub latency_time: Duration,
    /// How long the load on a schedule takes that is to see everything a node does now and then.
    pub long_time: Duration,
    /// Requests a second at which the client looks at itself.
    pub client_rates: &'static [f64],
    /// Different payments that are sent, in random order.
    pub rows: usize,
    /// Cardholders of the world.
    pub customers: usize,
    /// Terminals of the world.
    pub terminals: usize,
    /// Days of payments before the first that is scored.
    pub history_days: usize,
    /// Events of one load of ingestion.
    pub ingested: u64,
    /// Events in one request of them.
    pub batches: &'static [u64],
    /// Events that go through the steps one by one.
    pub stepped: usize,
    /// Keys that there are.
    pub keys: &'static [u64],
    /// Payments of a terminal that a late one displaces, in the mean.
    pub displacements: &'static [u64],
    /// Payments that a state has of each customer.
    pub states: &'static [u64],
    /// Plugins of a pipeline; up to four of them, pipelines of a node.
    pub multiples: &'static [u64],
    /// Timelines of a node that is killed and started again.
    pub restarted_timelines: u64,
}

impl Wish {
    /// The plan that comes to this.
    pub fn plan(&self) -> Plan {
        match self.quick {
            true => Plan {
                rounds: self.rounds.min(3),
                ceiling_time: Duration::from_millis(250),
                connections: &[1, 16, 64],
                latency_time: Duration::from_millis(500),
                long_time: Duration::from_secs(20),
                client_rates: &[1_000.0, 4_000.0],
                rows: 100_000,
                customers: 5_000,
                terminals: 500,
                history_days: 2,
                ingested: 5_000,
                batches: &[10, 1_000],
                stepped: 5_000,
                keys: &[1_000, 10_000],
                displacements: &[1, 100],
                states: &[10, 100],
                multiples: &[1, 2],
                restarted_timelines: 20_000,
            },
            false => Plan {
                rounds: self.rounds,
                ceiling_time: Duration::from_secs(3),
                connections: &[1, 4, 16, 64, 128, 256],
                latency_time: Duration::from_secs(10),
                long_time: Duration::from_secs(600),
                client_rates: &[1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 40_000.0],
                rows: 200_000,
                customers: 20_000,
                terminals: 2_000,
                history_days: 4,
                ingested: 200_000,
                batches: &[1, 10, 100, 1_000],
                stepped: usize::MAX,
                keys: &[1_000, 10_000, 100_000, 1_000_000, 10_000_000],
                displacements: &[1, 10, 100, 1_000, 10_000],
                states: &[8, 80, 640, 5_000],
                multiples: &[1, 2, 4, 8],
                restarted_timelines: 1_000_000,
            },
        }
    }

    /// Whether a part is to run; one that takes its time does in a short form only where it is named.
    pub fn means(&self, part: &str, is_slow: bool) -> bool {
        match self.only.is_empty() {
            true => !(self.quick && is_slow),
            false => self.only.iter().any(|only| only == part),
        }
    }

    /// The command that wishes this.
    pub fn command(&self) -> String {
        let mut command = "cargo xtask bench".to_owned();
        if self.quick {
            command.push_str(" --quick");
        }
        for part in &self.only {
            command.push_str(&format!(" --only {part}"));
        }
        if self.rounds != 5 {
            command.push_str(&format!(" --rounds {}", self.rounds));
        }
        command
    }
}
