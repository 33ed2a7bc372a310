//! The benchmarks: every bench target of the workspace, one after the other.

use anyhow::Result;

use crate::project::{Project, run};

/// Lists the benchmarks and runs them all.
pub fn run_all(project: &Project) -> Result<()> {
    let benches = benches(project);
    println!("{} benchmarks: {}", benches.len(), names(&benches));
    for (package, bench) in &benches {
        // The profile of every other native build, so that dependencies are built once.
        let profile = ["--profile", "release"];
        run(project.cargo().arg("bench").args(profile).args([
            "--package",
            package,
            "--bench",
            bench,
        ]))?;
    }
    Ok(())
}

fn names(benches: &[(String, String)]) -> String {
    let names: Vec<_> = benches.iter().map(|(_, bench)| bench.as_str()).collect();
    names.join(", ")
}

/// Package and name of each bench target.
fn benches(project: &Project) -> Vec<(String, String)> {
    let packages = project.metadata["packages"].as_array();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .into_iter()
        .flatten()
        .flat_map(|package| {
            let targets = package["targets"].as_array().into_iter().flatten();
            targets
                .filter(|target| target["kind"][0] == "bench")
                .map(move |target| (text(&package["name"]), text(&target["name"])))
        })
        .collect()
}
