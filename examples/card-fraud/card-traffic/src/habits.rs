//! What honest customers do: their payments over the days, declined, repeated and split ones included.
//! Takes the world; knows nothing of fraud.

use foreshore_event::Time;

use crate::payment::{Payment, cents};
use crate::random::Random;
use crate::settings::Settings;
use crate::span::{days, hours, seconds};
use crate::world::{Customer, World};

/// Hours of a day in which a customer may pay.
const AWAKE_HOURS: f64 = 14.0;

/// All honest payments, customer by customer.
pub fn honest(settings: &Settings, world: &World) -> Vec<Payment> {
    let mut random = Random::new(settings.seed, "habits");
    let mut payments = Vec::new();
    for (index, customer) in world.customers.iter().enumerate() {
        for day in 0..settings.days {
            let midnight = settings.start.plus(days(day as f64));
            for _ in 0..random.count(customer.payments_per_day) {
                // Two draws peak in the middle of the day.
                let awake = AWAKE_HOURS * (random.unit() + random.unit()) / 2.0;
                let time = midnight.plus(customer.wakes).plus(hours(awake));
                let Some(terminal) = terminal(world, customer, time, &mut random) else {
                    continue;
                };
                let prices = world.terminals[terminal].prices;
                let payment = Payment {
                    time,
                    customer: index,
                    terminal,
                    cents: cents(random.skewed(customer.typical_amount * prices, 0.55)),
                    approved: true,
                    fraud: None,
                };
                carry_out(payment, settings, &mut random, &mut payments);
            }
        }
    }
    payments
}

/// Where the customer pays at this time: a haunt at home or abroad, or online.
fn terminal(world: &World, customer: &Customer, time: Time, random: &mut Random) -> Option<usize> {
    if random.chance(customer.online_share) {
        let gateways: Vec<usize> = world.gateways().collect();
        return random.choose(&gateways).copied();
    }
    let shops = match &customer.journey {
        Some((leaves, returns, shops)) if (*leaves..*returns).contains(&time) => shops,
        _ => &customer.haunts,
    };
    // The square favours the first: most of what people buy, they buy around the corner.
    let draw = random.unit();
    shops
        .get((draw * draw * shops.len() as f64) as usize)
        .copied()
}

/// The attempts that one payment takes: one; or two at once; or a declined one and mostly another.
fn carry_out(
    payment: Payment,
    settings: &Settings,
    random: &mut Random,
    payments: &mut Vec<Payment>,
) {
    if random.chance(settings.split_rate) && payment.cents > 1 {
        let half = Payment {
            cents: payment.cents / 2,
            ..payment.clone()
        };
        payments.push(Payment {
            cents: payment.cents - half.cents,
            ..payment
        });
        payments.push(half);
        return;
    }
    if random.chance(settings.declined_rate) {
        payments.push(Payment {
            approved: false,
            ..payment.clone()
        });
        if random.chance(0.3) {
            return;
        }
        let again = seconds(random.between(20.0, 120.0));
        payments.push(Payment {
            time: payment.time.plus(again),
            ..payment
        });
        return;
    }
    payments.push(payment);
}
