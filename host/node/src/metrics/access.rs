//! What is measured of who is let in: refusals, handshakes, and whether what is in force is what the files say.
//! Takes counts; must not know how anybody is told from a stranger.

use crate::access::Gate;
use crate::access::renewals::{Renewals, Renewed};
use crate::http::tls::Doors;
use crate::metrics::exposition::{Exposition, Kind};

/// Writes all of it.
pub fn access(page: &mut Exposition, gate: &Gate, doors: &Doors, renewals: &Renewals) {
    let help = "Identities in force; absent where whoever reaches a port is let in.";
    page.family("foreshore_access_identities", Kind::Gauge, help);
    gate.known()
        .into_iter()
        .for_each(|count| page.sample(&[], count));
    let help =
        "Requests refused, and events of sources that their senders do not speak for, by reason.";
    page.family("foreshore_access_refused_total", Kind::Counter, help);
    for (why, count) in gate.refused() {
        page.sample(&[("reason", why.name())], count);
    }
    let help = "TLS handshakes that came to nothing.";
    page.family("foreshore_tls_handshakes_failed_total", Kind::Counter, help);
    for (port, door) in [("data", &doors.data), ("admin", &doors.admin)] {
        let failed = door.iter().map(|door| door.failed());
        failed.for_each(|failed| page.sample(&[("port", port)], failed));
    }
    files(page, renewals);
}

/// The files behind them.
fn files(page: &mut Exposition, renewals: &Renewals) {
    let renewed = renewals.read();
    type Counted = (&'static str, &'static str, Kind, fn(&Renewed) -> u64);
    let counted: [Counted; 3] = [
        (
            "foreshore_access_files_taken_total",
            "Times that changed files were taken.",
            Kind::Counter,
            |renewed| renewed.taken,
        ),
        (
            "foreshore_access_files_refused_total",
            "Times that changed files could not be taken.",
            Kind::Counter,
            |renewed| renewed.refused,
        ),
        (
            "foreshore_access_files_stale",
            "1 while something else is in force than what the files say, because that does not hold.",
            Kind::Gauge,
            |renewed| u64::from(renewed.stale),
        ),
    ];
    for (name, help, kind, read) in counted {
        page.family(name, kind, help);
        for (files, renewed) in &renewed {
            page.sample(&[("files", *files)], read(renewed));
        }
    }
}
