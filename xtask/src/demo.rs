//! The whole product at work: builds the plugins and the release binary, then hands over to the driver.
//! Takes nothing, gives success when the driver's proof holds; must not know what the demo shows.

use anyhow::Result;

use crate::plugins::build_plugins;
use crate::run::cargo;

/// Builds everything and runs the demo.
pub(crate) fn demo() -> Result<()> {
    build_plugins()?;
    cargo("build --locked --release -p foreshore", &[])?;
    cargo("run --locked --release -p card-demo", &[])
}
