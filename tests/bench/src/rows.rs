//! The events that are sent: a history that every arm knows, then payments in random order, each stamped with an
//! id and a time of its own. Takes the plan; the same plan gives every arm the same events. Must not know who is
//! sent them.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use card_traffic::{Kind, Settings, Traffic};
use foreshore_event::{Span, Time};

use crate::plan::Plan;

/// A day.
const DAY: Span = Span(86_400 * Span::SECOND.0);

/// How long before the run the first payment is stamped: far enough that none is ever ahead of the clock.
const BEFORE: Span = Span(1_000 * DAY.0);

/// Characters of an id, and of a time, which is always written to the microsecond.
const ID: usize = 16;
const TIME: usize = "2026-03-01T00:00:00.000001Z".len();

/// Different payments, to be sent over and over.
pub struct Rows {
    templates: Vec<Template>,
    /// When the first one is stamped.
    start: Time,
    /// Payments of a day.
    per_day: f64,
    /// Cardholders who make them.
    customers: u64,
    /// Where they make them.
    terminals: u64,
    history: Vec<String>,
}

/// A payment as JSON, with room for an id and a time.
struct Template {
    json: Vec<u8>,
    id: usize,
    time: usize,
    customer: Range<usize>,
    terminal: Range<usize>,
}

/// How payments run: which of them come late, and whose they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Course {
    /// The share that comes late, from 0 to 1.
    pub late: f64,
    /// How many payments of all timelines late ones are behind, in the mean.
    pub behind: f64,
    /// Customers, who pay in turn, each when all others have paid; 0: those of the world.
    pub customers: u64,
    /// Terminals, at which they pay in turn; 0: those of the world.
    pub terminals: u64,
    /// Event time from one payment to the next; none: every customer pays as often as in the world.
    pub pace: Option<Span>,
}

impl Rows {
    /// The world of a plan.
    pub fn new(plan: &Plan) -> anyhow::Result<Rows> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let start = Time(i64::try_from(now.as_micros())?).minus(BEFORE);
        let world = Settings {
            days: plan.history_days,
            customers: plan.customers,
            shops: plan.terminals * 9 / 10,
            gateways: plan.terminals / 10,
            // Clocks that run ahead would put history after the payments that are scored.
            fast_clocks: 0,
            leaping_clocks: 0,
            slow_clocks: 0,
            ..Settings::demo()
        };
        let history = Traffic::generate(&world.clone().ending_before(start));
        let per_day = world.payments_per_day * world.customers as f64;
        let days = plan.rows as f64 / per_day;
        let payments = Traffic::generate(&Settings {
            seed: world.seed + 1,
            days: days.ceil() as usize + 1,
            ..world
        });
        let attempts = payments.sorted().into_iter();
        let attempts = attempts.filter(|event| event.kind == Kind::Attempted);
        let templates = attempts
            .take(plan.rows)
            .map(Template::new)
            .collect::<Option<Vec<_>>>();
        let mut templates = templates.unwrap_or_default();
        shuffle(&mut templates);
        anyhow::ensure!(!templates.is_empty(), "the world makes no payments");
        Ok(Rows {
            templates,
            start,
            per_day,
            customers: plan.customers as u64,
            terminals: plan.terminals as u64,
            history: history.sorted().iter().map(ToString::to_string).collect(),
        })
    }

    /// What every arm knows before the first payment, a line an event, in order.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// How many different payments there are.
    pub fn count(&self) -> usize {
        self.templates.len()
    }

    /// How many payments of all timelines there are in some event time, of the world's customers.
    pub fn within(&self, time: Span) -> f64 {
        self.per_day * (time.0 as f64 / DAY.0 as f64)
    }

    /// A course of so many customers, each of whom pays when all others have, at as many terminals for each as in the
    /// world.
    pub fn crowd(&self, customers: u64) -> Course {
        Course {
            customers,
            terminals: (customers * self.terminals / self.customers).max(1),
            ..Course::default()
        }
    }

    /// Event time from one payment to the next of a course. As the world has it, windows fill and empty as they do
    /// there, however fast the machine is; more customers than there pay as often, so all together more often.
    fn pace(&self, course: Course) -> Span {
        course.pace.unwrap_or_else(|| {
            let crowd = (course.customers as f64 / self.customers as f64).max(1.0);
            Span((DAY.0 as f64 / (self.per_day * crowd)) as i64)
        })
    }

    /// The payment of this number, in a course of them.
    pub fn payment(&self, number: u64, course: Course) -> Vec<u8> {
        let template = &self.templates[number as usize % self.templates.len()];
        let mut json = template.json.clone();
        let id = format!("{number:0ID$}");
        json[template.id..template.id + ID].copy_from_slice(id.as_bytes());
        let at = number as i64 - course.behind(number);
        let time = self.start.plus(Span(self.pace(course).0 * at));
        json[template.time..template.time + TIME].copy_from_slice(time.to_string().as_bytes());
        // From the back to the front: names are of other lengths than those they stand for.
        if course.terminals > 0 {
            let name = format!("shared-{}", number % course.terminals);
            json.splice(template.terminal.clone(), name.into_bytes());
        }
        if course.customers > 0 {
            let name = format!("stranger-{}", number % course.customers);
            json.splice(template.customer.clone(), name.into_bytes());
        }
        json
    }
}

impl Template {
    fn new(event: &card_traffic::Event) -> Option<Template> {
        let blank = card_traffic::Event {
            id: "0".repeat(ID),
            sequence: None,
            ..event.clone()
        };
        let json = blank.to_string();
        let (before, rest) = json.split_once("\"time\":\"")?;
        let (_, after) = rest.split_once('"')?;
        let time = before.len() + "\"time\":\"".len();
        let json = format!("{before}\"time\":\"{}\"{after}", "0".repeat(TIME));
        let value = |field: &str, value: &str| {
            let at = json.find(&format!("\"{field}\":\"{value}\""))? + field.len() + 4;
            Some(at..at + value.len())
        };
        Some(Template {
            id: value("id", &blank.id)?.start,
            customer: value("customer", &blank.data.customer)?,
            terminal: value("terminal", &blank.data.terminal)?,
            json: json.into_bytes(),
            time,
        })
    }
}

impl Course {
    /// By how many payments the one of this number is behind; 0: it is not late.
    fn behind(self, number: u64) -> i64 {
        let (chance, how_far) = (
            unit(number.wrapping_mul(2)),
            unit(number.wrapping_mul(2) + 1),
        );
        match chance < self.late {
            true => (2.0 * self.behind * how_far).ceil() as i64,
            false => 0,
        }
    }
}

/// A number's place from 0 to 1, always the same and like no neighbour's (splitmix64).
fn unit(number: u64) -> f64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let other = (unit(last as u64) * (last + 1) as f64) as usize;
        items.swap(last, other.min(last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Wish;

    fn rows() -> Rows {
        let wish = Wish {
            quick: true,
            only: Vec::new(),
            rounds: 5,
        };
        let plan = Plan {
            rows: 100,
            customers: 50,
            terminals: 10,
            ..wish.plan()
        };
        Rows::new(&plan).unwrap()
    }

    fn time(json: &[u8]) -> String {
        let event: serde_json::Value = serde_json::from_slice(json).unwrap();
        event["time"].as_str().unwrap().to_owned()
    }

    #[test]
    fn payments_are_told_apart_and_stand_in_order() {
        let rows = rows();
        let payments: Vec<_> = (0..300)
            .map(|number| rows.payment(number, Course::default()))
            .collect();
        let times: Vec<_> = payments.iter().map(|json| time(json)).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        let event: serde_json::Value = serde_json::from_slice(&payments[299]).unwrap();
        assert_eq!(event["id"], "0000000000000299");
    }

    #[test]
    fn event_time_moves_as_fast_as_the_world_pays() {
        let rows = rows();
        let day = rows.within(DAY).round() as u64;
        let [first, next] = [0, day].map(|number| time(&rows.payment(number, Course::default())));
        let [first, next]: [Time; 2] = [first, next].map(|time| time.parse().unwrap());
        let took = next.since(first).0 as f64;
        assert!((took / DAY.0 as f64 - 1.0).abs() < 0.01, "{took}");
        let crowd = Course {
            customers: 10 * rows.customers,
            ..Course::default()
        };
        assert_eq!(rows.pace(crowd).0, rows.pace(Course::default()).0 / 10);
    }

    #[test]
    fn customers_and_terminals_are_who_they_are_to_be() {
        let course = Course {
            customers: 7,
            terminals: 3,
            ..Course::default()
        };
        let payment = rows().payment(8, course);
        let event: serde_json::Value = serde_json::from_slice(&payment).unwrap();
        assert_eq!(event["data"]["customer"], "stranger-1");
        assert_eq!(event["data"]["terminal"], "shared-2");
    }

    #[test]
    fn history_is_before_the_first_payment() {
        let rows = rows();
        let newest = rows.history().last().unwrap();
        assert!(time(newest.as_bytes()) < time(&rows.payment(0, Course::default())));
    }

    #[test]
    fn so_many_come_late_as_are_said_to() {
        let course = Course {
            late: 0.2,
            behind: 50.0,
            ..Course::default()
        };
        let behind: Vec<i64> = (1_000..11_000)
            .map(|number| course.behind(number))
            .collect();
        let share = behind.iter().filter(|behind| **behind > 0).count() as f64 / 10_000.0;
        let sum: i64 = behind.iter().sum();
        assert!((share - 0.2).abs() < 0.02, "{share}");
        assert!((sum as f64 / (10_000.0 * share) - 50.0).abs() < 3.0);
    }
}
