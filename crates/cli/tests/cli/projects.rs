//! `tonearm train --project`: what the page trained, trained again.

use std::fs;

use tonearm::training::project::{Effort, Project, RecipeName, Settings};

use crate::studio::Studio;

/// A folder with a table of two classes, packed as the page packs it.
fn with_project() -> Studio {
    let names = |names: [&str; 2]| names.map(String::from).to_vec();
    let mut project = Project::of_table("Rows", names(["Low", "High"]), names(["a", "b"]));
    for row in 0..60_u8 {
        let height = if row % 2 == 0 { -1.0 } else { 1.0 };
        let values = [height, f32::from(row % 7)];
        project
            .add_row(row.to_string(), usize::from(row % 2), None, &values)
            .expect("it is of the table");
    }
    project.manifest.settings = Some(Settings {
        epochs: 20,
        ..Settings::new(RecipeName::Mlp, Effort::Quick)
    });
    let own = Studio::new();
    own.write("rows.zip", project.to_zip().expect("it has rows"));
    own
}

#[test]
fn a_project_is_trained_the_same_each_time() {
    let own = with_project();
    let line = "train --project rows.zip --out rows.bpk";
    let run = own.tonearm(line).succeeds();
    assert!(
        run.stdout().contains("files kept back: 100.0 % right"),
        "{}",
        run.stdout()
    );
    let first = fs::read(own.path("rows.bpk")).expect("it was written");
    own.tonearm(line).succeeds();
    assert!(first == fs::read(own.path("rows.bpk")).expect("it was written"));

    let card = own.tonearm("inspect rows.bpk --json").succeeds().json();
    assert_eq!(card["card"]["command"], format!("tonearm {line}"));
    let lines = own
        .tonearm(&format!("{line} --json"))
        .succeeds()
        .json_lines();
    let report = lines.last().expect("there are epochs and a report");
    assert_eq!(report["metrics"]["top1"], 1.0);
}

#[test]
fn a_project_that_is_broken_or_missing_is_said() {
    let own = with_project();
    own.write("broken.zip", b"PK nonsense");
    own.tonearm("train --project broken.zip --out x.bpk")
        .fails_with(1)
        .says("cannot be read");
    own.tonearm("train --project none.zip --out x.bpk")
        .fails_with(1)
        .says("none.zip cannot be read");
    own.tonearm("train --project rows.zip")
        .fails_with(2)
        .says("--out");
    own.tonearm("train").fails_with(2).says("--project");
}
