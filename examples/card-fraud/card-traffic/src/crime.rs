//! What thieves do: the three kinds of fraud, each with its own shape in time, place and amount. Takes the
//! world and what honest customers did; gives fraudulent attempts.

use foreshore_event::Time;

use crate::payment::{Fraud, Payment, cents};
use crate::random::Random;
use crate::settings::Settings;
use crate::span::{days, hours, seconds};
use crate::world::World;

/// Days for which a compromised terminal copies cards.
const COPYING_DAYS: f64 = 14.0;

/// All fraudulent attempts within the days of the settings.
pub fn frauds(settings: &Settings, world: &World, honest: &[Payment]) -> Vec<Payment> {
    let mut payments = Vec::new();
    let mut random = Random::new(settings.seed, "card testing");
    for _ in 0..settings.card_testing_bursts {
        card_testing(settings, world, &mut random, &mut payments);
    }
    let mut random = Random::new(settings.seed, "stolen cards");
    for _ in 0..settings.stolen_cards {
        stolen_card(settings, world, &mut random, &mut payments);
    }
    let mut random = Random::new(settings.seed, "compromised terminals");
    for _ in 0..settings.compromised_terminals {
        compromised_terminal(settings, world, honest, &mut random, &mut payments);
    }
    let end = settings.start.plus(days(settings.days as f64));
    payments.retain(|payment| payment.time < end);
    payments
}

/// A list of cards is tried out at a gateway or two, seconds apart, for next to nothing.
fn card_testing(
    settings: &Settings,
    world: &World,
    random: &mut Random,
    payments: &mut Vec<Payment>,
) {
    let gateways: Vec<usize> = world.gateways().collect();
    let mut chosen = [random.choose(&gateways), random.choose(&gateways)];
    let mut time = sometime(settings, 0.1, 0.95, random);
    for _ in 0..8 + random.below(9) {
        let customer = random.below(world.customers.len());
        // A card that fails at one gateway is tried at the other before it is given up.
        for _ in 0..1 + random.below(2) {
            time = time.plus(seconds(random.between(4.0, 25.0)));
            chosen.swap(0, 1);
            let [Some(&terminal), _] = chosen else { return };
            payments.push(Payment {
                time,
                customer,
                terminal,
                cents: cents(random.between(0.5, 4.0)),
                approved: random.chance(0.15),
                fraud: Some(Fraud::CardTesting),
            });
        }
    }
}

/// A thief spends what the card gives, abroad or online, until the bank has had enough.
fn stolen_card(
    settings: &Settings,
    world: &World,
    random: &mut Random,
    payments: &mut Vec<Payment>,
) {
    let index = random.below(world.customers.len());
    let Some(customer) = world.customers.get(index) else {
        return;
    };
    let away: Vec<usize> = (world.terminals.iter().enumerate())
        .filter(|(_, terminal)| {
            terminal.online || terminal.place.country() != customer.home.country()
        })
        .map(|(terminal, _)| terminal)
        .collect();
    let mut time = sometime(settings, 0.1, 0.92, random);
    let attempts = 5 + random.below(6);
    for attempt in 0..attempts {
        time = time.plus(hours(random.wait(3.0)));
        let Some(&terminal) = random.choose(&away) else {
            return;
        };
        let amount = customer.typical_amount * random.between(2.5, 8.0);
        payments.push(Payment {
            time,
            customer: index,
            terminal,
            cents: cents(amount),
            approved: random.chance(0.95 - 0.6 * attempt as f64 / attempts as f64),
            fraud: Some(Fraud::StolenCard),
        });
    }
}

/// A shop's terminal copies cards for two weeks; the copies are used at the same till some days later.
fn compromised_terminal(
    settings: &Settings,
    world: &World,
    honest: &[Payment],
    random: &mut Random,
    payments: &mut Vec<Payment>,
) {
    let shops: Vec<usize> = world.shops().collect();
    let Some(&terminal) = random.choose(&shops) else {
        return;
    };
    let from = sometime(settings, 0.05, 0.4, random);
    let until = from.plus(days(COPYING_DAYS));
    let copied = honest
        .iter()
        .filter(|payment| payment.terminal == terminal && (from..until).contains(&payment.time));
    for payment in copied {
        if !random.chance(0.2) {
            continue;
        }
        let customer = &world.customers[payment.customer];
        let mut time = payment.time.plus(days(random.between(0.5, 5.0)));
        for _ in 0..1 + random.below(3) {
            payments.push(Payment {
                time,
                cents: cents(customer.typical_amount * random.between(1.0, 5.0)),
                approved: random.chance(0.85),
                fraud: Some(Fraud::CompromisedTerminal),
                ..payment.clone()
            });
            time = time.plus(seconds(random.between(60.0, 3600.0)));
        }
    }
}

/// A moment between two shares of the traffic's length.
fn sometime(settings: &Settings, from: f64, until: f64, random: &mut Random) -> Time {
    settings
        .start
        .plus(days(settings.days as f64 * random.between(from, until)))
}
