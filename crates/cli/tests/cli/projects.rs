//! Tests of `tonearm train --project`.

use std::fs;

use tonearm::training::project::{Effort, Project, RecipeName, Settings};

use crate::workspace::Workspace;

/// A workspace with a project of two classes, in the format that the page exports.
fn with_project() -> Workspace {
    let names = |names: [&str; 2]| names.map(String::from).to_vec();
    let mut project = Project::of_table("Rows", names(["Low", "High"]), names(["a", "b"]))
        .expect("the table has columns");
    for row in 0..60_u8 {
        let height = if row % 2 == 0 { -1.0 } else { 1.0 };
        let values = [height, f32::from(row % 7)];
        project
            .add_row(row.to_string(), usize::from(row % 2), None, &values)
            .expect("the row fits the table");
    }
    project.manifest.settings = Some(Settings {
        epochs: 20,
        ..Settings::new(RecipeName::Mlp, Effort::Quick)
    });
    let workspace = Workspace::new();
    workspace.write("rows.zip", project.to_zip().expect("the project has rows"));
    workspace
}

#[test]
fn training_a_project_is_reproducible() {
    let workspace = with_project();
    let line = "train --project rows.zip --out rows.bpk";
    let run = workspace.tonearm(line).succeeds();
    assert!(
        run.stdout().contains("held-out files: top-1 100.0 %"),
        "{}",
        run.stdout()
    );
    let first = fs::read(workspace.path("rows.bpk")).expect("the file exists");
    workspace.tonearm(line).succeeds();
    assert!(first == fs::read(workspace.path("rows.bpk")).expect("the file exists"));

    let card = workspace
        .tonearm("inspect rows.bpk --json")
        .succeeds()
        .json();
    assert_eq!(card["card"]["command"], format!("tonearm {line}"));
    let lines = workspace
        .tonearm(&format!("{line} --json"))
        .succeeds()
        .json_lines();
    let report = lines.last().expect("it prints epochs and a report");
    assert_eq!(report["metrics"]["top1"], 1.0);
}

#[test]
fn an_invalid_or_missing_project_is_refused() {
    let workspace = with_project();
    workspace.write("broken.zip", b"PK nonsense");
    workspace
        .tonearm("train --project broken.zip --out x.bpk")
        .fails_with(1)
        .prints("it is truncated, or not a zip archive");
    workspace
        .tonearm("train --project none.zip --out x.bpk")
        .fails_with(1)
        .prints("cannot read none.zip");
    workspace
        .tonearm("train --project rows.zip")
        .fails_with(2)
        .prints("--out");
}
