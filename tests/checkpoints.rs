//! Checkpoints: damaged bytes are refused in words, and never end the program.
//!
//! A program of its own, as `training.rs` is: a device has one generator of random numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use burn::tensor::Device;
use burn_pack::{Bytes, DType, Reader, Scalar, Tensor, Writer};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use tonearm::Error;
use tonearm::data::{Dataset, Values};
use tonearm::models::ModelConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::recipe::{OptimizerKind, Recipe};
use tonearm::training::project::{Effort, Project, RecipeName, Settings};
use tonearm::training::session::{Session, Step};
use tonearm::training::trainer::{CheckpointContents, State, Trainer, TrainingData};
use tonearm::weights::Weights;

/// One run at a time, since trainers on one device draw from one generator.
static DEVICE: Mutex<()> = Mutex::new(());

const OPTIMIZERS: [OptimizerKind; 4] = [
    OptimizerKind::AdamW,
    OptimizerKind::Adam,
    OptimizerKind::Momentum,
    OptimizerKind::Sgd,
];

/// The fields of a trainer's state, as it serialises them.
#[derive(Clone, Serialize, Deserialize)]
struct TrainerFields {
    step: usize,
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

/// The fields of a session's state, as it serialises them.
#[derive(Clone, Serialize, Deserialize)]
struct SessionFields {
    settings: Settings,
    classes: Vec<String>,
    files: Vec<(usize, Option<String>, usize)>,
    fit: usize,
    kept_epochs: Vec<usize>,
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    restarts: usize,
    trainer: Option<TrainerFields>,
}

/// Random numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// Bytes of which the one at `index` is another.
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
    Dataset::new(values, [1, 2], labels, ids.clone(), ids).expect("it fits")
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
    Trainer::new(&model, recipe, of(data), rows, &Device::flex()).expect("the rows fit")
}

fn of(rows: &Dataset) -> TrainingData<'_> {
    TrainingData {
        rows,
        teacher: None,
    }
}

/// Trains for an epoch; an error is as good as an answer.
fn train(trainer: &mut Trainer, data: &Dataset) -> tonearm::Result<()> {
    for _ in 0..trainer.steps_per_epoch() {
        trainer.step(of(data));
    }
    let labels = ["low".to_owned(), "high".to_owned()];
    block_on(trainer.end_epoch(data, &[], &labels)).map(|_| ())
}

/// A trainer's state after the first of three epochs.
fn trainer_fields(data: &Dataset, optimizer: OptimizerKind) -> TrainerFields {
    let mut trainer = trainer(data, optimizer);
    train(&mut trainer, data).expect("it learns");
    let state = block_on(trainer.state(CheckpointContents::All)).expect("the CPU can be read");
    let bytes = postcard::to_stdvec(&state).expect("it can be packed");
    postcard::from_bytes(&bytes).expect("these are its fields")
}

fn state_of(fields: &TrainerFields) -> State {
    let bytes = postcard::to_stdvec(fields).expect("they can be packed");
    postcard::from_bytes(&bytes).expect("these are its fields")
}

/// Why a trainer refuses a state.
#[track_caller]
fn refusal(data: &Dataset, optimizer: OptimizerKind, fields: &TrainerFields) -> String {
    let restored = trainer(data, optimizer).restore(state_of(fields));
    let said = restored.expect_err("it is refused").to_string();
    assert!(
        said.starts_with("the checkpoint cannot be used: "),
        "{said}"
    );
    assert!(said.ends_with("; start the training anew"), "{said}");
    said
}

/// The counts in a record, by name.
type Scalars = Vec<(String, Scalar)>;

/// The record in some bytes, changed.
fn changed(record: &[u8], change: impl FnOnce(&mut Vec<Tensor>, &mut Scalars)) -> Vec<u8> {
    let reader = Reader::from_bytes(Bytes::from_bytes_vec(record.to_vec())).expect("sound");
    let mut scalars: Scalars = reader.scalars().clone().into_iter().collect();
    let metadata = reader.metadata().clone();
    let mut tensors = reader.into_tensors().expect("sound");
    change(&mut tensors, &mut scalars);
    let mut writer = Writer::new(tensors);
    for (key, value) in &scalars {
        writer = writer.with_scalar(key, *value);
    }
    for (key, value) in &metadata {
        writer = writer.with_metadata(key, value);
    }
    writer.into_bytes().expect("it can be packed").to_vec()
}

/// A tensor with other contents.
fn tensor(of: &Tensor, dtype: DType, shape: Vec<usize>, id: Option<u64>, bytes: Vec<u8>) -> Tensor {
    Tensor::new(
        of.name.clone(),
        dtype,
        shape,
        id,
        Bytes::from_bytes_vec(bytes),
    )
}

/// Zeros instead of a tensor's numbers, of another shape.
fn reshaped(of: &Tensor, shape: Vec<usize>) -> Tensor {
    let bytes = vec![0; 4 * shape.iter().product::<usize>()];
    tensor(of, DType::F32, shape, of.param_id, bytes)
}

#[test]
fn a_trainer_goes_on_with_each_optimizer_where_it_stopped() {
    let _alone = DEVICE.lock();
    let data = rows();
    for optimizer in OPTIMIZERS {
        let parameters = |trainer: &Trainer| {
            let state = block_on(trainer.state(CheckpointContents::Networks)).expect("readable");
            let bytes = postcard::to_stdvec(&state).expect("it can be packed");
            let fields: TrainerFields = postcard::from_bytes(&bytes).expect("its fields");
            let reader = Reader::from_bytes(Bytes::from_bytes_vec(fields.student));
            let tensors = reader.expect("sound").into_tensors().expect("sound");
            let values = tensors
                .iter()
                .map(|t| t.to_bytes().expect("there").to_vec());
            values.collect::<Vec<_>>()
        };
        let mut straight = trainer(&data, optimizer);
        train(&mut straight, &data).expect("it learns");
        let state = block_on(straight.state(CheckpointContents::All)).expect("readable");
        train(&mut straight, &data).expect("it learns");

        let mut again = trainer(&data, optimizer);
        again.restore(state).expect("it is of the same run");
        train(&mut again, &data).expect("it learns");
        assert_eq!(parameters(&again), parameters(&straight), "{optimizer:?}");
    }
}

#[test]
fn a_trainers_counts_are_checked() {
    let _alone = DEVICE.lock();
    let data = rows();
    let sound = trainer_fields(&data, OptimizerKind::AdamW);
    let said = |change: fn(&mut TrainerFields)| {
        let mut fields = sound.clone();
        change(&mut fields);
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    assert!(said(|fields| fields.step = 1).contains("it is from step 1"));
    assert!(said(|fields| fields.step = 8).contains("it is from step 8"));
    assert!(said(|fields| fields.step = usize::MAX - 1).contains("each of the 3 epochs has 2"));
    assert!(said(|fields| fields.best = None).contains("no best epoch"));
    for epoch in [0, 2, usize::MAX] {
        let mut fields = sound.clone();
        fields.best.as_mut().expect("there is one").epoch = epoch;
        let said = refusal(&data, OptimizerKind::AdamW, &fields);
        assert!(said.contains(&format!("number {epoch}")), "{said}");
    }
    let nan = |fields: &mut TrainerFields| {
        fields.best.as_mut().expect("there is one").validation_loss = f64::NAN;
    };
    assert!(said(nan).contains("not a number"));
}

#[test]
fn parameters_that_are_not_the_networks_are_refused() {
    let _alone = DEVICE.lock();
    let data = rows();
    let sound = trainer_fields(&data, OptimizerKind::AdamW);
    let said = |change: &dyn Fn(&mut Vec<Tensor>)| {
        let student = changed(&sound.student, |tensors, _| change(tensors));
        let fields = TrainerFields {
            student,
            ..sound.clone()
        };
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    assert!(said(&|tensors| drop(tensors.pop())).contains("is missing"));
    assert!(said(&Vec::clear).contains("is missing"));
    let odd = |tensors: &mut Vec<Tensor>| {
        let mut odd = reshaped(&tensors[0], vec![1]);
        odd.name = "odd".into();
        tensors.push(odd);
    };
    assert!(said(&odd).contains("`odd` belongs to no parameter"));
    assert!(said(&|all| all[0] = reshaped(&all[0], vec![7, 1])).contains("must be"));
    let integers = |all: &mut Vec<Tensor>| {
        let shape = all[0].shape.to_vec();
        let bytes = vec![0; all[0].byte_len()];
        all[0] = tensor(&all[0], DType::I32, shape, all[0].param_id, bytes);
    };
    assert!(said(&integers).contains("of type I32"));
    let infinite = |all: &mut Vec<Tensor>| {
        let shape = all[0].shape.to_vec();
        let bytes = f32::INFINITY.to_le_bytes().repeat(all[0].byte_len() / 4);
        all[0] = tensor(&all[0], DType::F32, shape, all[0].param_id, bytes);
    };
    assert!(said(&infinite).contains("not finite"));
    // Gradients are told apart by the ids.
    let twice = |all: &mut Vec<Tensor>| all[1].param_id = all[0].param_id;
    assert!(said(&twice).contains("lacks an id of its own"));
    assert!(said(&|all| all[0].param_id = None).contains("lacks an id of its own"));

    let mut fields = sound.clone();
    fields.best.as_mut().expect("there is one").network = Vec::new();
    assert!(refusal(&data, OptimizerKind::AdamW, &fields).contains("cut short"));
    // The student's names begin with `network`.
    let mut fields = sound.clone();
    fields.best.as_mut().expect("there is one").network = sound.student.clone();
    assert!(refusal(&data, OptimizerKind::AdamW, &fields).contains("is missing"));
}

#[test]
fn moments_that_are_not_the_networks_are_refused() {
    let _alone = DEVICE.lock();
    let data = rows();
    let sound = trainer_fields(&data, OptimizerKind::AdamW);
    let record = sound.optimizer.clone().expect("all is kept");
    let said = |change: &dyn Fn(&mut Vec<Tensor>, &mut Scalars)| {
        let fields = TrainerFields {
            optimizer: Some(changed(&record, change)),
            ..sound.clone()
        };
        refusal(&data, OptimizerKind::AdamW, &fields)
    };
    let scalar = |name: &'static str, value: Scalar| {
        move |_: &mut Vec<Tensor>, scalars: &mut Scalars| {
            let mut all = scalars.iter_mut();
            all.find(|(key, _)| key.ends_with(name))
                .expect("there is one")
                .1 = value;
        }
    };
    // Each of these ends the program in Burn, if not here then in the next step.
    for rank in [0_u64, 7, 9, u64::MAX] {
        assert!(said(&scalar("__rank", Scalar::UInt(rank))).contains("another rank"));
    }
    assert!(said(&|all, _| all[0] = reshaped(&all[0], vec![5])).contains("must be"));
    assert!(said(&|all, _| all[0] = reshaped(&all[0], vec![1; 12])).contains("must be"));
    assert!(said(&|all, _| all[0].param_id = None).contains("belongs to another"));
    let doubles = |all: &mut Vec<Tensor>, _: &mut Scalars| {
        let (shape, n) = (all[0].shape.to_vec(), all[0].byte_len() * 2);
        all[0] = tensor(&all[0], DType::F64, shape, all[0].param_id, vec![0; n]);
    };
    assert!(said(&doubles).contains("of type F64"));
    let nan = |all: &mut Vec<Tensor>, _: &mut Scalars| {
        let (shape, n) = (all[0].shape.to_vec(), all[0].byte_len() / 4);
        let bytes = f32::NAN.to_le_bytes().repeat(n);
        all[0] = tensor(&all[0], DType::F32, shape, all[0].param_id, bytes);
    };
    assert!(said(&nan).contains("not finite"));
    // And these would start one parameter anew without a word.
    assert!(said(&|all, _| drop(all.pop())).contains("is missing"));
    for steps in [
        Scalar::UInt(0),
        Scalar::UInt(3),
        Scalar::Int(-1),
        Scalar::Bool(true),
    ] {
        assert!(said(&scalar("momentum.time", steps)).contains("steps taken"));
    }
    assert!(said(&|_, scalars| scalars.clear()).contains("belongs to no parameter"));
    let odd = |_: &mut Vec<Tensor>, scalars: &mut Scalars| {
        scalars.push(("odd.__rank".into(), Scalar::UInt(1)));
    };
    assert!(said(&odd).contains("`odd.__rank` belongs to no parameter"));
    // Moments of another optimiser.
    let other = trainer_fields(&data, OptimizerKind::Momentum);
    assert!(refusal(&data, OptimizerKind::AdamW, &other).contains("is missing"));
}

#[test]
fn a_damaged_state_of_a_trainer_ends_in_an_answer_or_an_error() {
    let _alone = DEVICE.lock();
    let data = rows();
    let mut random = Random(1);
    for optimizer in OPTIMIZERS {
        let bytes = postcard::to_stdvec(&trainer_fields(&data, optimizer)).expect("packed");
        let attempt = |bytes: &[u8]| {
            let Ok((state, [])) = postcard::take_from_bytes::<State>(bytes) else {
                return false;
            };
            let mut trainer = trainer(&data, optimizer);
            let restored = trainer.restore(state).is_ok();
            if restored {
                // What is a number may be any number: a loss that is none is an error of its own.
                let _ = train(&mut trainer, &data);
            }
            restored
        };
        assert!(attempt(&bytes));
        for length in 0..bytes.len() {
            let attempt = catch_unwind(AssertUnwindSafe(|| attempt(&bytes[..length])));
            assert!(!attempt.expect("no panic"), "{length} bytes pass");
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

/// Twelve rows of two classes, which the first of two columns tells apart.
fn table() -> Project {
    let (classes, columns) = (["Low", "High"], ["height", "noise"]);
    let [classes, columns] = [classes, columns].map(|names| names.map(String::from).to_vec());
    let mut project = Project::of_table("Rows", classes, columns);
    for row in 0..12_usize {
        let height = if row.is_multiple_of(2) { -1.0 } else { 1.0 };
        let values = [height, (row * 5 % 7) as f32];
        let added = project.add_row(row.to_string(), row % 2, None, &values);
        added.expect("it is of the table");
    }
    project
}

fn session(project: &Project) -> Session {
    static BASE: Mutex<Option<Weights>> = Mutex::new(None);
    let mut base = BASE.lock().expect("no test panics with it");
    let base = base.get_or_insert_with(|| {
        Weights::read(include_bytes!("../pkg/weights/fusion.bpk")).expect("they are shipped")
    });
    let settings = Settings {
        folds: 2,
        epochs: 2,
        batch: 4,
        ..Settings::new(RecipeName::Mlp, Effort::Quick)
    };
    Session::new(project, settings, base, &Device::flex()).expect("it can be trained")
}

/// A session's state after the first epoch of its second fold.
fn session_state(project: &Project) -> Vec<u8> {
    let mut session = session(project);
    let mut epochs = 0;
    while epochs < 3 {
        let step = block_on(session.step()).expect("it trains");
        epochs += usize::from(matches!(step, Step::Epoch(_)));
    }
    block_on(session.state(CheckpointContents::All)).expect("the CPU can be read")
}

/// Restores a state and goes on to the end of the run.
fn run_out(project: &Project, state: &[u8]) -> tonearm::Result<()> {
    let mut session = session(project);
    session.restore(state)?;
    while !matches!(block_on(session.step())?, Step::Over) {}
    block_on(session.finish("2026-11-30", "tonearm train")).map(|_| ())
}

#[test]
fn what_a_session_says_of_its_fits_is_checked() {
    let _alone = DEVICE.lock();
    let project = table();
    let state = session_state(&project);
    run_out(&project, &state).expect("it is sound");
    let sound: SessionFields = postcard::from_bytes(&state).expect("these are its fields");
    assert_eq!(postcard::to_stdvec(&sound).expect("packed"), state);
    assert_eq!((sound.fit, sound.held_out.len()), (1, 12));

    let said = |change: &dyn Fn(&mut SessionFields)| {
        let mut fields = sound.clone();
        change(&mut fields);
        let bytes = postcard::to_stdvec(&fields).expect("packed");
        let error = session(&project)
            .restore(&bytes)
            .expect_err("it is refused");
        assert!(matches!(error, Error::Checkpoint(_)), "{error:?}");
        let said = error.to_string();
        assert!(said.ends_with("; start the training anew"), "{said}");
        said
    };
    let (got, missing) = {
        let place = |answered| {
            let mut rows = sound.held_out.iter();
            rows.position(|row| row.is_some() == answered).expect("one")
        };
        (place(true), place(false))
    };
    let logits = sound.held_out[got].clone().expect("it is answered");
    assert_eq!(logits.len(), 2);

    // Windows, and logits of each.
    assert!(said(&|f| drop(f.held_out.pop())).contains("answers for 11 windows"));
    assert!(said(&|f| f.held_out.push(None)).contains("answers for 13 windows"));
    for wrong in [vec![], vec![0.5], vec![0.5; 3], vec![f32::NAN, 0.5]] {
        let said = said(&|f| f.held_out[got] = Some(wrong.clone()));
        assert!(said.contains("is not 2 finite numbers"), "{said}");
    }
    assert!(said(&|f| f.held_out[got] = None).contains("other windows"));
    let last = |f: &mut SessionFields| {
        f.held_out.iter_mut().for_each(|row| *row = None);
        f.fit = 0;
        f.kept_epochs.clear();
        f.held_out[missing] = Some(logits.clone());
    };
    assert!(said(&last).contains("other windows"));

    assert!(said(&|f| f.fit = 3).contains("there are 3"));
    for kept in [vec![], vec![1, 1], vec![0], vec![3], vec![usize::MAX]] {
        let said = said(&|f| f.kept_epochs = kept.clone());
        assert!(said.contains("the epoch of each fit"), "{said}");
    }
    assert!(said(&|f| f.first_loss = Some(f32::INFINITY)).contains("first loss"));
    assert!(said(&|f| drop(f.classes.pop())).contains("other classes"));
    assert!(said(&|f| drop(f.files.pop())).contains("other classes, files"));
    let mut longer = state.clone();
    longer.push(0);
    assert!(session(&project).restore(&longer).is_err());

    // A count of restarts that cannot be raised.
    let mut fields = sound.clone();
    fields.restarts = usize::MAX;
    fields.trainer.as_mut().expect("there is one").optimizer = None;
    let bytes = postcard::to_stdvec(&fields).expect("packed");
    assert!(session(&project).restore(&bytes).is_err());
}

#[test]
fn a_damaged_state_of_a_session_ends_in_an_answer_or_an_error() {
    let _alone = DEVICE.lock();
    let project = table();
    let state = session_state(&project);
    let mut random = Random(2);
    for _ in 0..100 {
        let length = random.below(state.len());
        assert!(
            session(&project).restore(&state[..length]).is_err(),
            "{length} bytes pass"
        );
    }

    // Before the first record, and in what each record says of itself: the rest is numbers.
    let records: Vec<usize> = (0..state.len())
        .filter(|&start| state[start..].starts_with(b"NRUB"))
        .collect();
    assert_eq!(records.len(), 3, "student, optimiser and best network");
    let mut positions: Vec<usize> = (0..100).map(|_| random.below(records[0])).collect();
    for start in records {
        positions.extend((0..100).map(|_| start + random.below(1500)));
    }
    positions.extend((0..50).map(|_| random.below(state.len())));
    for index in positions {
        let damaged = random.flip(&state, index);
        let attempt = catch_unwind(AssertUnwindSafe(|| run_out(&project, &damaged)));
        if let Err(error) = attempt.unwrap_or_else(|_| panic!("panics at byte {index}")) {
            assert!(
                matches!(error, Error::Checkpoint(_) | Error::Diverged),
                "{error} at byte {index}"
            );
        }
    }
}
