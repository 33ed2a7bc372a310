//! How fast the built page trains in a browser, beside TensorFlow.js.

use anyhow::Result;

use crate::project::{Project, run};
use crate::stages::Stages;
use crate::{machine, site};

/// The benchmark's name, beside those of the bench targets.
pub const NAME: &str = "browser-train";

/// Builds the page, without WebGPU on which nothing is trained, and prints a report in Markdown.
pub fn measure(project: &Project) -> Result<()> {
    site::build(project, &mut Stages::default(), true)?;
    let mut bench = project.npm();
    bench.args(["run", "bench", "--workspace", "tests/browser"]);
    run(bench.env("TONEARM_CHROMIUM", machine::chromium()?))
}
