//! Checkpoints: damaged bytes are refused with an error and never cause a panic.
//!
//! A separate test program, as `training.rs`: all trainers on a device share its random number
//! generator.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use burn::tensor::Device;
use burn_pack::{Bytes, DType, Reader, Scalar, Tensor, Writer};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use tonearm::Error;
use tonearm::data::{Dataset, Matrix, Values};
use tonearm::models::ModelConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::recipe::{OptimizerKind, Recipe};
use tonearm::training::cross_validation::FitResult;
use tonearm::training::project::{Effort, Project, RecipeName, Settings};
use tonearm::training::session::{Session, Step};
use tonearm::training::trainer::{
    CheckpointContents, EpochFigures, Trainer, TrainerCheckpoint, TrainingData,
};
use tonearm::weights::Weights;

/// Serialises the tests that train, because trainers on one device share its random number
/// generator.
static DEVICE: Mutex<()> = Mutex::new(());

const OPTIMIZERS: [OptimizerKind; 4] = [
    OptimizerKind::AdamW,
    OptimizerKind::Adam,
    OptimizerKind::Momentum,
    OptimizerKind::Sgd,
];

/// Fields of a trainer's checkpoint, in serialised order.
#[derive(Clone, Serialize, Deserialize)]
struct TrainerFields {
    step: usize,
    history: Vec<EpochFigures>,
    optimizer_resets: usize,
    student: Vec<u8>,
    optimizer: Option<Vec<u8>>,
    best: Option<BestFields>,
}

#[derive(Clone, Serialize, Deserialize)]
struct BestFields {
    epoch: usize,
    validation_loss: f64,
    network: Vec<u8>,
}

/// First bytes of a run's checkpoint; the fields follow.
const MAGIC: &[u8] = b"tonearm checkpoint 1\n";

/// Fields of a run's checkpoint, in serialised order.
#[derive(Clone, Serialize, Deserialize)]
struct RunFields {
    run: String,
    fits: Vec<FitFields>,
}

#[derive(Clone, Serialize, Deserialize)]
struct FitFields {
    name: String,
    progress: ProgressFields,
}

#[derive(Clone, Serialize, Deserialize)]
enum ProgressFields {
    Unfinished(TrainerFields),
    Finished(FitResult),
}

impl RunFields {
    fn read(checkpoint: &[u8]) -> Self {
        let fields = checkpoint.strip_prefix(MAGIC);
        postcard::from_bytes(fields.expect("it starts with the magic bytes")).expect("they match")
    }

    fn bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, MAGIC.to_vec()).expect("serialisable")
    }

    fn result(&mut self, fit: usize) -> &mut FitResult {
        match &mut self.fits[fit].progress {
            ProgressFields::Finished(result) => result,
            ProgressFields::Unfinished(_) => panic!("the fit has not ended"),
        }
    }

    fn trainer(&mut self, fit: usize) -> &mut TrainerFields {
        match &mut self.fits[fit].progress {
            ProgressFields::Unfinished(trainer) => trainer,
            ProgressFields::Finished(_) => panic!("the fit has ended"),
        }
    }
}

/// Deterministic random number generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// Changes the byte at `index`.
    fn flip(&mut self, bytes: &[u8], index: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[index] ^= match self.below(2) {
            0 => 1 << self.below(8),
            _ => 1 + self.below(255) as u8,
        };
        bytes
    }
}

/// Sixteen rows of two columns; the sign of the first is the label.
fn rows() -> Dataset {
    let sign = |row: usize| if row.is_multiple_of(2) { 1.0 } else { -1.0 };
    let values = (0..16).flat_map(|row| [sign(row), row as f32 / 8.0 - 1.0]);
    let ids: Vec<i32> = (0..16).collect();
    let labels = (0..16).map(|row| (row % 2) as u8).collect();
    let values = Values::F32(values.collect());
    Dataset::new(values, [1, 2], labels, ids.clone(), ids).expect("one value of each for every row")
}

fn trainer(data: &Dataset, optimizer: OptimizerKind) -> Trainer {
    let model = ModelConfig::Mlp(MlpConfig::new(2, 2).with_hidden(vec![4]));
    let recipe = Recipe {
        epochs: 3,
        patience: 3,
        batch: 8,
        optimizer,
        ..Recipe::mlp()
    };
    let rows = (0..16).collect();
    Trainer::new(&model, recipe, of(data), rows, &Device::flex()).expect("the rows match")
}

fn of(rows: &Dataset) -> TrainingData<'_> {
    TrainingData {
        rows,
        teacher: None,
    }
}

/// Trains for one epoch. Damaged values may make it fail, but not panic.
fn train(trainer: &mut Trainer, data: &Dataset) -> tonearm::Result<()> {
    for _ in 0..trainer.steps_per_epoch() {
        trainer.step(of(data));
    }
    let labels = ["low".to_owned(), "high".to_owned()];
    block_on(trainer.end_epoch(data, &[], &labels)).map(|_| ())
}

/// Checkpoint of a trainer after the first of three epochs.
fn trainer_fields(data: &Dataset, optimizer: OptimizerKind) -> TrainerFields {
    let mut trainer = trainer(data, optimizer);
    train(&mut trainer, data).expect("training works");
    let checkpoint =
        block_on(trainer.checkpoint(CheckpointContents::All)).expect("the CPU can be read");
    let bytes = postcard::to_stdvec(&checkpoint).expect("serialisable");
    postcard::from_bytes(&bytes).expect("the fields match")
}

fn checkpoint_of(fields: &TrainerFields) -> TrainerCheckpoint {
    let bytes = postcard::to_stdvec(fields).expect("serialisable");
    postcard::from_bytes(&bytes).expect("the fields match")
}

/// Error message with which a trainer refuses a checkpoint.
#[track_caller]
fn refusal(data: &Dataset, optimizer: OptimizerKind, fields: &TrainerFields) -> String {
    let restored = trainer(data, optimizer).restore(&checkpoint_of(fields));
    let message = restored.expect_err("the checkpoint is refused").to_string();
    assert!(message.starts_with("unusable checkpoint: "), "{message}");
    assert!(message.ends_with("; restart the training"), "{message}");
    message
}

/// Scalars in a record, by name.
type Scalars = Vec<(String, Scalar)>;

/// Rewrites a record with changed tensors and scalars.
fn changed(record: &[u8], change: impl FnOnce(&mut Vec<Tensor>, &mut Scalars)) -> Vec<u8> {
    let reader = Reader::from_bytes(Bytes::from_bytes_vec(record.to_vec())).expect("valid");
    let mut scalars: Scalars = reader.scalars().clone().into_iter().collect();
    let metadata = reader.metadata().clone();
    let mut tensors = reader.into_tensors().expect("valid");
    change(&mut tensors, &mut scalars);
    let mut writer = Writer::new(tensors);
    for (key, value) in &scalars {
        writer = writer.with_scalar(key, *value);
    }
    for (key, value) in &metadata {
        writer = writer.with_metadata(key, value);
    }
    writer.into_bytes().expect("serialisable").to_vec()
}

/// Copies a tensor with other contents.
fn tensor(of: &Tensor, dtype: DType, shape: Vec<usize>, id: Option<u64>, bytes: Vec<u8>) -> Tensor {
    Tensor::new(
        of.name.clone(),
        dtype,
        shape,
        id,
        Bytes::from_bytes_vec(bytes),
    )
}

/// Copies a tensor with another shape, filled with zeros.
fn reshaped(of: &Tensor, shape: Vec<usize>) -> Tensor {
    let bytes = vec![0; 4 * shape.iter().product::<usize>()];
    tensor(of, DType::F32, shape, of.param_id, bytes)
}

#[test]
fn a_trainer_resumes_identically_with_each_optimizer() {
    let _lock = DEVICE.lock();
    let data = rows();
    for optimizer in OPTIMIZERS {
        let parameters = |trainer: &Trainer| {
            let checkpoint =
                block_on(trainer.checkpoint(CheckpointContents::Networks)).expect("readable");
            let bytes = postcard::to_stdvec(&checkpoint).expect("serialisable");
            let fields: TrainerFields = postcard::from_bytes(&bytes).expect("the fields match");
            let reader = Reader::from_bytes(Bytes::from_bytes_vec(fields.student));
            let tensors = reader.expect("valid").into_tensors().expect("valid");
            let values = tensors
                .iter()
                .map(|t| t.to_bytes().expect("readable").to_vec());
            values.collect::<Vec<_>>()
        };
        let mut uninterrupted = trainer(&data, optimizer);
        train(&mut uninterrupted, &data).expect("training works");
        let checkpoint =
            block_on(uninterrupted.checkpoint(CheckpointContents::All)).expect("readable");
        train(&mut uninterrupted, &data).expect("training works");

        let mut resumed = trainer(&data, optimizer);
        resumed.restore(&checkpoint).expect("the run is the same");
        train(&mut resumed, &data).expect("training works");
        assert_eq!(
            parameters(&resumed),
            parameters(&uninterrupted),
            "{optimizer:?}"
        );
    }
}

#[test]
fn a_trainer_checkpoint_with_impossible_counts_is_refused() {
    let _lock = DEVICE.lock();
    let data = rows();
    let valid = trainer_fields(&data, OptimizerKind::AdamW);
    let refusal_after = |change: fn(&mut TrainerFields)| {
        let mut fields = valid.clone();
        change(&mut fields);
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    assert!(
        refusal_after(|fields| fields.step = 1)
            .contains("its step must be at the end of one of 3 epochs of 2 steps, got 1")
    );
    assert!(
        refusal_after(|fields| fields.step = 8)
            .contains("its step must be at the end of one of 3 epochs of 2 steps, got 8")
    );
    assert!(
        refusal_after(|fields| fields.step = usize::MAX - 1).contains("one of 3 epochs of 2 steps")
    );
    assert!(refusal_after(|fields| fields.best = None).contains("its best epoch is missing"));
    for epoch in [0, 2, usize::MAX] {
        let mut fields = valid.clone();
        fields.best.as_mut().expect("present").epoch = epoch;
        let message = refusal(&data, OptimizerKind::AdamW, &fields);
        assert!(
            message.contains(&format!(
                "its best epoch must be in 1..=1, the epochs that have ended, got {epoch};"
            )),
            "{message}"
        );
    }
    let nan = |fields: &mut TrainerFields| {
        fields.best.as_mut().expect("present").validation_loss = f64::NAN;
    };
    assert!(refusal_after(nan).contains("must be a number, got NaN"));
    for change in [
        (|fields| fields.history.clear()) as fn(&mut TrainerFields),
        |fields| fields.history.push(fields.history[0].clone()),
        |fields| fields.history[0].train_loss = f64::INFINITY,
    ] {
        assert!(refusal_after(change).contains("its figures must be"));
    }
    // Incrementing this count would overflow.
    let resets = |fields: &mut TrainerFields| {
        fields.optimizer_resets = usize::MAX;
        fields.optimizer = None;
    };
    assert!(refusal_after(resets).contains("its number of optimiser resets"));
}

#[test]
fn parameters_that_do_not_match_the_network_are_refused() {
    let _lock = DEVICE.lock();
    let data = rows();
    let valid = trainer_fields(&data, OptimizerKind::AdamW);
    let refusal_after = |change: &dyn Fn(&mut Vec<Tensor>)| {
        let student = changed(&valid.student, |tensors, _| change(tensors));
        let fields = TrainerFields {
            student,
            ..valid.clone()
        };
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    assert!(refusal_after(&|tensors| drop(tensors.pop())).contains("is missing"));
    assert!(refusal_after(&Vec::clear).contains("is missing"));
    let odd = |tensors: &mut Vec<Tensor>| {
        let mut odd = reshaped(&tensors[0], vec![1]);
        odd.name = "odd".into();
        tensors.push(odd);
    };
    assert!(refusal_after(&odd).contains("`odd` does not belong in it"));
    assert!(
        refusal_after(&|all| all[0] = reshaped(&all[0], vec![7, 1])).contains("must have shape")
    );
    let integers = |all: &mut Vec<Tensor>| {
        let shape = all[0].shape.to_vec();
        let bytes = vec![0; all[0].byte_len()];
        all[0] = tensor(&all[0], DType::I32, shape, all[0].param_id, bytes);
    };
    assert!(refusal_after(&integers).contains("and I32"));
    let infinite = |all: &mut Vec<Tensor>| {
        let shape = all[0].shape.to_vec();
        let bytes = f32::INFINITY.to_le_bytes().repeat(all[0].byte_len() / 4);
        all[0] = tensor(&all[0], DType::F32, shape, all[0].param_id, bytes);
    };
    assert!(refusal_after(&infinite).contains("must be finite"));
    // Burn matches gradients to parameters by id.
    let twice = |all: &mut Vec<Tensor>| all[1].param_id = all[0].param_id;
    assert!(refusal_after(&twice).contains("must be unique"));
    assert!(refusal_after(&|all| all[0].param_id = None).contains("must be unique"));

    let mut fields = valid.clone();
    fields.best.as_mut().expect("present").network = Vec::new();
    assert!(refusal(&data, OptimizerKind::AdamW, &fields).contains("truncated"));
    // The student's parameter names start with `network`, the best network's do not.
    let mut fields = valid.clone();
    fields.best.as_mut().expect("present").network = valid.student.clone();
    assert!(refusal(&data, OptimizerKind::AdamW, &fields).contains("is missing"));
}

#[test]
fn optimizer_state_that_does_not_match_the_network_is_refused() {
    let _lock = DEVICE.lock();
    let data = rows();
    let valid = trainer_fields(&data, OptimizerKind::AdamW);
    let record = valid.optimizer.clone().expect("the optimiser is included");
    let refusal_after = |change: &dyn Fn(&mut Vec<Tensor>, &mut Scalars)| {
        let fields = TrainerFields {
            optimizer: Some(changed(&record, change)),
            ..valid.clone()
        };
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    let scalar = |name: &'static str, value: Scalar| {
        move |_: &mut Vec<Tensor>, scalars: &mut Scalars| {
            let mut all = scalars.iter_mut();
            all.find(|(key, _)| key.ends_with(name)).expect("present").1 = value;
        }
    };
    // Without the check, each of these panics in Burn, at the latest in the next step.
    for rank in [0_u64, 7, 9, u64::MAX] {
        assert!(refusal_after(&scalar("__rank", Scalar::UInt(rank))).contains("must have rank"));
    }
    assert!(
        refusal_after(&|all, _| all[0] = reshaped(&all[0], vec![5])).contains("must have shape")
    );
    assert!(
        refusal_after(&|all, _| all[0] = reshaped(&all[0], vec![1; 12]))
            .contains("must have shape")
    );
    assert!(refusal_after(&|all, _| all[0].param_id = None).contains("got another parameter"));
    let doubles = |all: &mut Vec<Tensor>, _: &mut Scalars| {
        let (shape, n) = (all[0].shape.to_vec(), all[0].byte_len() * 2);
        all[0] = tensor(&all[0], DType::F64, shape, all[0].param_id, vec![0; n]);
    };
    assert!(refusal_after(&doubles).contains("and F64"));
    let nan = |all: &mut Vec<Tensor>, _: &mut Scalars| {
        let (shape, n) = (all[0].shape.to_vec(), all[0].byte_len() / 4);
        let bytes = f32::NAN.to_le_bytes().repeat(n);
        all[0] = tensor(&all[0], DType::F32, shape, all[0].param_id, bytes);
    };
    assert!(refusal_after(&nan).contains("must be finite"));
    // Without the check, these silently reset the state of one parameter.
    assert!(refusal_after(&|all, _| drop(all.pop())).contains("is missing"));
    for steps in [
        Scalar::UInt(0),
        Scalar::UInt(3),
        Scalar::Int(-1),
        Scalar::Bool(true),
    ] {
        assert!(
            refusal_after(&scalar("momentum.time", steps)).contains("the number of steps taken")
        );
    }
    assert!(refusal_after(&|_, scalars| scalars.clear()).contains("does not belong in it"));
    let odd = |_: &mut Vec<Tensor>, scalars: &mut Scalars| {
        scalars.push(("odd.__rank".into(), Scalar::UInt(1)));
    };
    assert!(refusal_after(&odd).contains("`odd.__rank` does not belong in it"));
    // State of another optimiser.
    let other = trainer_fields(&data, OptimizerKind::Momentum);
    assert!(refusal(&data, OptimizerKind::AdamW, &other).contains("is missing"));
}

#[test]
fn a_damaged_trainer_checkpoint_never_panics() {
    let _lock = DEVICE.lock();
    let data = rows();
    let mut random = Random(1);
    for optimizer in OPTIMIZERS {
        let bytes = postcard::to_stdvec(&trainer_fields(&data, optimizer)).expect("serialisable");
        let attempt = |bytes: &[u8]| {
            let Ok((checkpoint, [])) = postcard::take_from_bytes::<TrainerCheckpoint>(bytes) else {
                return false;
            };
            let mut trainer = trainer(&data, optimizer);
            let restored = trainer.restore(&checkpoint).is_ok();
            if restored {
                // Flipped bits may leave valid numbers; a loss that is not finite is then a regular
                // error.
                let _ = train(&mut trainer, &data);
            }
            restored
        };
        assert!(attempt(&bytes));
        for length in 0..bytes.len() {
            let attempt = catch_unwind(AssertUnwindSafe(|| attempt(&bytes[..length])));
            assert!(!attempt.expect("no panic"), "{length} bytes are accepted");
        }
        let positions: Vec<usize> = match optimizer {
            OptimizerKind::AdamW => (0..bytes.len()).collect(),
            _ => (0..bytes.len()).step_by(5).collect(),
        };
        for index in positions {
            let damaged = random.flip(&bytes, index);
            let attempt = catch_unwind(AssertUnwindSafe(|| attempt(&damaged)));
            assert!(attempt.is_ok(), "{optimizer:?}: panics at byte {index}");
        }
    }
}

/// Twelve rows of two classes, which the first of two columns separates.
fn table() -> Project {
    let (classes, columns) = (["Low", "High"], ["height", "noise"]);
    let [classes, columns] = [classes, columns].map(|names| names.map(String::from).to_vec());
    let mut project = Project::of_table("Rows", classes, columns).expect("the table has columns");
    for row in 0..12_usize {
        let height = if row.is_multiple_of(2) { -1.0 } else { 1.0 };
        let values = [height, (row * 5 % 7) as f32];
        let added = project.add_row(row.to_string(), row % 2, None, &values);
        added.expect("the row matches the table");
    }
    project
}

fn settings() -> Settings {
    Settings {
        folds: 2,
        epochs: 2,
        batch: 4,
        ..Settings::new(RecipeName::Mlp, Effort::Quick)
    }
}

fn session(project: &Project) -> Session {
    session_with(project, settings())
}

fn session_with(project: &Project, settings: Settings) -> Session {
    static BASE: Mutex<Option<Weights>> = Mutex::new(None);
    let mut base = BASE.lock().expect("no test panics with it");
    let base = base.get_or_insert_with(|| {
        Weights::read(include_bytes!("../pkg/weights/fusion.bpk"))
            .expect("the shipped weights are valid")
    });
    Session::new(project, settings, base, &Device::flex()).expect("the project is trainable")
}

/// Checkpoint of a session after the first epoch of its second fold.
fn session_checkpoint(project: &Project) -> Vec<u8> {
    let mut session = session(project);
    let mut epochs = 0;
    while epochs < 3 {
        let step = block_on(session.step()).expect("training works");
        epochs += usize::from(matches!(step, Step::Epoch(_)));
    }
    block_on(session.checkpoint(CheckpointContents::All)).expect("the CPU can be read")
}

/// Restores a checkpoint and completes the run.
fn run_to_end(project: &Project, checkpoint: &[u8]) -> tonearm::Result<()> {
    let mut session = session(project);
    session.restore(checkpoint)?;
    while !matches!(block_on(session.step())?, Step::Finished) {}
    block_on(session.finish("2026-11-30", "tonearm train")).map(|_| ())
}

#[test]
fn a_session_checkpoint_with_inconsistent_progress_is_refused() {
    let _lock = DEVICE.lock();
    let project = table();
    let checkpoint = session_checkpoint(&project);
    run_to_end(&project, &checkpoint).expect("the checkpoint is valid");
    let valid = RunFields::read(&checkpoint);
    assert_eq!(valid.bytes(), checkpoint);
    let names: Vec<_> = valid.fits.iter().map(|fit| &fit.name[..]).collect();
    assert_eq!(names, ["fold 1 of 2", "fold 2 of 2"]);
    assert_eq!(valid.clone().result(0).logits.n_rows(), 6);

    let refusal_after = |change: &dyn Fn(&mut RunFields)| {
        let mut fields = valid.clone();
        change(&mut fields);
        let error = session(&project)
            .restore(&fields.bytes())
            .expect_err("the checkpoint is refused");
        assert!(matches!(error, Error::Checkpoint { .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.ends_with("; restart the training"), "{message}");
        message
    };

    // Logits of the held-out windows.
    let rows = |n_rows: usize, row: &[f32]| vec![row; n_rows].into_iter().collect::<Matrix>();
    for (logits, expected) in [
        (Matrix::default(), "have 6 rows, got 0"),
        (rows(5, &[0.5; 2]), "have 6 rows, got 5"),
        (rows(7, &[0.5; 2]), "have 6 rows, got 7"),
        (rows(6, &[0.5]), "have 2 numbers, got 1"),
        (rows(6, &[0.5; 3]), "have 2 numbers, got 3"),
        (rows(6, &[0.5, f32::NAN]), "be finite, got NaN"),
    ] {
        let message = refusal_after(&|f| f.result(0).logits = logits.clone());
        assert!(message.contains(expected), "{message}");
    }

    // Fits: one is missing, renamed, in another order, too many, or after an unfinished one.
    let finished = valid.fits[0].clone();
    let named = |name: &str| FitFields {
        name: name.into(),
        ..finished.clone()
    };
    let changes: [&dyn Fn(&mut RunFields); 6] = [
        &|f| drop(f.fits.remove(0)),
        &|f| f.fits[1].name = "all rows".into(),
        &|f| f.fits.swap(0, 1),
        &|f| f.fits.insert(1, finished.clone()),
        &|f| f.fits.push(named("all rows")),
        &|f| {
            f.fits = ["fold 1 of 2", "fold 2 of 2", "fold 3 of 2"]
                .map(named)
                .to_vec()
        },
    ];
    for change in changes {
        let message = refusal_after(change);
        assert!(message.contains("its fits must be the first"), "{message}");
    }

    for kept in [0, 3, usize::MAX] {
        let message = refusal_after(&|f| f.result(0).kept_epoch = kept);
        assert!(message.contains("be in 1..=2"), "{message}");
    }
    for change in [
        (|f| f.result(0).epochs[0].first_loss = f32::INFINITY) as fn(&mut RunFields),
        |f| f.result(0).epochs.clear(),
        |f| {
            let epoch = f.result(0).epochs[0].clone();
            f.result(0).epochs.push(epoch);
        },
    ] {
        let message = refusal_after(&change);
        assert!(message.contains("its figures must be"), "{message}");
    }
    let message = refusal_after(&|f| f.run.push('0'));
    assert!(message.contains("the same data, settings"), "{message}");
    let mut longer = checkpoint.clone();
    longer.push(0);
    assert!(session(&project).restore(&longer).is_err());

    // Damage to the networks is found by the next step.
    let mut fields = valid.clone();
    fields.trainer(1).optimizer_resets = usize::MAX;
    fields.trainer(1).optimizer = None;
    assert!(matches!(
        run_to_end(&project, &fields.bytes()),
        Err(Error::Checkpoint { .. })
    ));
}

#[test]
fn a_checkpoint_of_another_project_or_other_settings_is_refused() {
    let _lock = DEVICE.lock();
    let project = table();
    let checkpoint = session_checkpoint(&project);
    let refusal = |change: &dyn Fn(&mut Project, &mut Settings)| {
        let (mut project, mut settings) = (project.clone(), settings());
        change(&mut project, &mut settings);
        let mut session = session_with(&project, settings);
        let error = session.restore(&checkpoint).expect_err("it is refused");
        let message = error.to_string();
        assert!(message.contains("the same data, settings"), "{message}");
    };
    refusal(&|project, _| project.manifest.classes[0] = "Lower".into());
    refusal(&|project, _| project.manifest.files[3].artist = Some("A".into()));
    refusal(&|project, _| {
        let files = &mut project.manifest.files;
        (files[0].class, files[1].class) = (files[1].class, files[0].class);
    });
    refusal(&|_, settings| settings.seed = 1);
    refusal(&|_, settings| settings.epochs = 3);
}

#[test]
fn a_checkpoint_in_the_format_of_the_previous_version_is_refused() {
    let _lock = DEVICE.lock();
    // It started with the settings.
    let settings = postcard::to_stdvec(&settings()).expect("serialisable");
    let error = session(&table()).restore(&settings).expect_err("refused");
    assert!(matches!(error, Error::Checkpoint { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("of this version of Tonearm"), "{message}");
    assert!(message.ends_with("; restart the training"), "{message}");
}

#[test]
fn a_refused_checkpoint_leaves_the_session_as_it_was() {
    let _lock = DEVICE.lock();
    let project = table();
    let checkpoint = session_checkpoint(&project);
    let mut session = session(&project);
    session
        .restore(&checkpoint)
        .expect("the checkpoint is valid");
    assert!(session.restore(&checkpoint[..200]).is_err());
    let after = block_on(session.checkpoint(CheckpointContents::All)).expect("readable");
    assert!(after == checkpoint, "the session has changed");

    // A damaged network is refused by each step, and the run never restarts by itself.
    let mut fields = RunFields::read(&checkpoint);
    fields.trainer(1).student.truncate(100);
    session.restore(&fields.bytes()).expect("not read yet");
    for _ in 0..2 {
        let step = block_on(session.step());
        assert!(matches!(step, Err(Error::Checkpoint { .. })), "{step:?}");
    }
    session
        .restore(&checkpoint)
        .expect("the checkpoint is valid");
    while !matches!(block_on(session.step()).expect("it trains"), Step::Finished) {}
}

#[test]
fn a_damaged_session_checkpoint_never_panics() {
    let _lock = DEVICE.lock();
    let project = table();
    let checkpoint = session_checkpoint(&project);
    let mut random = Random(2);
    for _ in 0..100 {
        let length = random.below(checkpoint.len());
        assert!(
            session(&project).restore(&checkpoint[..length]).is_err(),
            "{length} bytes are accepted"
        );
    }

    // Positions before the first record and in the header of each record; the rest is mostly
    // numbers.
    let records: Vec<usize> = (0..checkpoint.len())
        .filter(|&start| checkpoint[start..].starts_with(b"NRUB"))
        .collect();
    assert_eq!(records.len(), 3, "student, optimiser and best network");
    let mut positions: Vec<usize> = (0..100).map(|_| random.below(records[0])).collect();
    for start in records {
        positions.extend((0..100).map(|_| start + random.below(1500)));
    }
    positions.extend((0..50).map(|_| random.below(checkpoint.len())));
    for index in positions {
        let damaged = random.flip(&checkpoint, index);
        let attempt = catch_unwind(AssertUnwindSafe(|| run_to_end(&project, &damaged)));
        if let Err(error) = attempt.unwrap_or_else(|_| panic!("panics at byte {index}")) {
            assert!(
                matches!(error, Error::Checkpoint { .. } | Error::Diverged),
                "{error} at byte {index}"
            );
        }
    }
}
