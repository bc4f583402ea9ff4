//! Score requests over HTTP: all arms in turn, at their ceiling and at half of it, after the client has looked at
//! itself. Takes the bench; gives tables and plots.

/// Whether the arms say the same.
mod agreement;

/// What the client itself adds.
mod client;

/// As many as there can be.
mod ceiling;

/// At half of that.
mod latency;

use super::Bench;
use crate::arms::foreshore::{Node, Setup};
use crate::arms::{Arm, floor, handwritten};
use crate::report::Section;

pub use self::ceiling::ratio;

/// What the arms are called.
const FLOOR: &str = "floor";
const HANDWRITTEN: &str = "handwritten";
const FORESHORE: &str = "foreshore";

/// The arms, in the order of their turns.
struct Arms {
    floor: Arm,
    handwritten: [Arm; 2],
    foreshore: Vec<Node>,
}

/// Measures score requests.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let mut arms = Arms::start(bench)?;
    let section = Section::new("Score requests over HTTP");
    let section = agreement::check(bench, &mut arms, section)?;
    let section = client::measure(bench, &mut arms.floor, section);
    let section = ceiling::measure(bench, &mut arms, section);
    latency::measure(bench, &mut arms, section)
}

impl Arms {
    fn start(bench: &Bench) -> anyhow::Result<Arms> {
        let (core, folder) = (bench.cores.server, &bench.folder);
        let setup = |name| Setup::new(&bench.root, folder, name);
        let setups = [
            setup(FORESHORE)?,
            setup("foreshore, os")?.with("store.durability", "os"),
            setup("foreshore, 200 trees")?.plugin("models.logistic", "forest-model"),
            setup("foreshore, per call")?.pipeline("limits.isolation", "per-call"),
        ];
        let foreshore = setups.iter().map(|setup| setup.start(core));
        let foreshore = foreshore.collect::<anyhow::Result<Vec<Node>>>()?;
        let durabilities = ["fsync", "os"];
        let [fsync, os] =
            durabilities.map(|durability| handwritten::start(core, folder, durability));
        let handwritten = [fsync?, os?];
        for arm in handwritten
            .iter()
            .chain(foreshore.iter().map(|node| &node.arm))
        {
            arm.remember(&bench.rows)?;
        }
        let mut foreshore = foreshore;
        // The floor answers the bytes that the product does.
        let answer = match foreshore.last_mut() {
            Some(node) => node.arm.score(&bench.rows)?,
            None => String::new(),
        };
        Ok(Arms {
            floor: floor::start(core, folder, &answer)?,
            handwritten,
            foreshore,
        })
    }

    /// All of them, in turn.
    fn all(&mut self) -> impl Iterator<Item = &mut Arm> {
        let foreshore = self.foreshore.iter_mut().map(|node| &mut node.arm);
        [&mut self.floor]
            .into_iter()
            .chain(&mut self.handwritten)
            .chain(foreshore)
    }
}
