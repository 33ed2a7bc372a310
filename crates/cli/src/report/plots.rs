//! The plots of a report, each an SVG.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use tonearm::evaluation::metrics::{ClassMetrics, Metrics, reliability as bins};

use crate::train::record::{Epoch, Fit};

/// Colours of labels, told apart by most eyes; after Paul Tol's "bright" and "muted" schemes.
const COLOURS: [RGBColor; 12] = [
    RGBColor(68, 119, 170),
    RGBColor(238, 102, 119),
    RGBColor(34, 136, 51),
    RGBColor(204, 187, 68),
    RGBColor(102, 204, 238),
    RGBColor(170, 51, 119),
    RGBColor(187, 187, 187),
    RGBColor(221, 119, 34),
    RGBColor(51, 34, 136),
    RGBColor(17, 119, 51),
    RGBColor(136, 34, 85),
    RGBColor(68, 170, 153),
];

const FONT: &str = "sans-serif";

/// What a curve shows, epoch by epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// The loss.
    Loss,
    /// The share that is right.
    Accuracy,
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "share right",
        }
    }

    /// Its values on training and on validation rows.
    fn of(self, epoch: &Epoch) -> [Option<f64>; 2] {
        match self {
            Self::Loss => [Some(epoch.train_loss), epoch.validation_loss],
            Self::Accuracy => [epoch.train_top1, epoch.validation_top1],
        }
    }
}

/// Draws on an empty picture.
fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, Shift>) -> Result<()>,
) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).map_err(undrawn)?;
        draw(&area)?;
        area.present().map_err(undrawn)?;
    }
    Ok(text)
}

fn undrawn(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("a plot cannot be drawn: {error}")
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// Loss or accuracy of each fit, in one colour for training and one for validation.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn curves(fits: &[Fit], curve: Curve) -> Result<String> {
    let epochs = fits.iter().flat_map(|fit| &fit.epochs);
    let last = epochs.clone().map(|epoch| epoch.epoch).max().unwrap_or(1);
    let values = epochs.flat_map(|epoch| curve.of(epoch)).flatten();
    let highest = values.fold(f64::MIN_POSITIVE, f64::max) * 1.05;
    svg((720, 360), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(1.0..last.max(2) as f64, 0.0..highest)
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(1)
            .x_desc("epoch")
            .y_desc(curve.name())
            .x_label_formatter(&|epoch| format!("{epoch:.0}"))
            .draw()
            .map_err(undrawn)?;
        for (part, name) in ["training", "validation"].into_iter().enumerate() {
            let style = colour(part).mix(0.6).stroke_width(1);
            let mut named = false;
            for fit in fits {
                let point = |epoch: &Epoch| Some((epoch.epoch as f64, curve.of(epoch)[part]?));
                let points: Vec<(f64, f64)> = fit.epochs.iter().filter_map(point).collect();
                if points.is_empty() {
                    continue;
                }
                let line = chart
                    .draw_series(LineSeries::new(points, style))
                    .map_err(undrawn)?;
                // One entry for all fits.
                if !std::mem::replace(&mut named, true) {
                    line.label(name)
                        .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
                }
            }
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .label_font((FONT, 11))
            .position(SeriesLabelPosition::LowerRight)
            .draw()
            .map_err(undrawn)
    })
}

/// The confusion matrix: true labels downwards, answers to the right, shares of each row.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn confusion(metrics: &Metrics, labels: &[String]) -> Result<String> {
    const CELL: i32 = 56;
    const EDGE: i32 = 130;
    let n = labels.len() as i32;
    let size = (EDGE + n * CELL + 12) as u32;
    svg((size, size), |area| {
        let small = (FONT, 11).into_font();
        let named = (FONT, 13).into_font();
        for (row, (counts, name)) in metrics.confusion.iter().zip(labels).enumerate() {
            let total: u32 = counts.iter().sum();
            let top = EDGE + row as i32 * CELL;
            let text = Text::new(name.clone(), (4, top + CELL / 2 - 7), named.clone());
            area.draw(&text).map_err(undrawn)?;
            let left = EDGE + row as i32 * CELL + CELL / 2 + 6;
            let turned = named.transform(FontTransform::Rotate270);
            let text = Text::new(name.clone(), (left - 12, EDGE - 6), turned);
            area.draw(&text).map_err(undrawn)?;
            for (column, count) in counts.iter().enumerate() {
                let share = f64::from(*count) / f64::from(total.max(1));
                let left = EDGE + column as i32 * CELL;
                let corners = [(left, top), (left + CELL - 1, top + CELL - 1)];
                let fill = COLOURS[0].mix(share).filled();
                area.draw(&Rectangle::new(corners, fill)).map_err(undrawn)?;
                let ink = if share > 0.5 { WHITE } else { BLACK };
                let words = Text::new(
                    format!("{:.0} %", share * 100.0),
                    (left + 12, top + CELL / 2 - 14),
                    small.color(&ink),
                );
                area.draw(&words).map_err(undrawn)?;
                let words = Text::new(
                    count.to_string(),
                    (left + 12, top + CELL / 2 + 2),
                    small.color(&ink),
                );
                area.draw(&words).map_err(undrawn)?;
            }
        }
        Ok(())
    })
}

/// Precision, recall and F1 of each label, as bars.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn per_genre(metrics: &Metrics) -> Result<String> {
    const GROUP: usize = 72;
    let classes = &metrics.per_class;
    let size = (140 + (classes.len() * GROUP) as u32, 340);
    let values = |class: &ClassMetrics| [class.precision, class.recall, class.f1];
    svg(size, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(44)
            .build_cartesian_2d(0.0..classes.len() as f64 + 1.2, 0.0..1.0)
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .draw()
            .map_err(undrawn)?;
        for (kind, name) in ["precision", "recall", "F1"].into_iter().enumerate() {
            let fill = colour(kind).filled();
            let bar = |(place, class): (usize, &ClassMetrics)| {
                let left = place as f64 + 0.1 + 0.27 * kind as f64;
                Rectangle::new([(left, 0.0), (left + 0.25, values(class)[kind])], fill)
            };
            chart
                .draw_series(classes.iter().enumerate().map(bar))
                .map_err(undrawn)?
                .label(name)
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], fill));
        }
        let plane = chart.plotting_area();
        for (place, class) in classes.iter().enumerate() {
            let (left, bottom) = plane.map_coordinate(&(place as f64 + 0.1, 0.0));
            let words = Text::new(
                class.label.clone(),
                (left, bottom + 6),
                (FONT, 11).into_font(),
            );
            area.draw(&words).map_err(undrawn)?;
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .position(SeriesLabelPosition::UpperRight)
            .draw()
            .map_err(undrawn)
    })
}

/// The reliability diagram: how often answers are right, by how sure they are.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn reliability(probabilities: &[Vec<f32>], truth: &[usize]) -> Result<String> {
    let bins = bins(probabilities, truth);
    let width = 1.0 / bins.len() as f64;
    svg((420, 420), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(44)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .x_desc("probability of the answer")
            .y_desc("share right")
            .draw()
            .map_err(undrawn)?;
        let filled = bins.iter().enumerate().filter(|(_, bin)| bin.n > 0);
        let bars = filled.map(|(place, bin)| {
            let left = place as f64 * width;
            let corners = [(left, 0.0), (left + width * 0.92, bin.accuracy)];
            Rectangle::new(corners, COLOURS[0].mix(0.8).filled())
        });
        chart.draw_series(bars).map_err(undrawn)?;
        let ideal = LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.5));
        chart.draw_series(ideal).map(drop).map_err(undrawn)
    })
}

/// Tracks on a plane, coloured by label.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn scatter(places: &[[f32; 2]], labels: &[u8], names: &[String]) -> Result<String> {
    let range = |axis: usize| {
        let values = places.iter().map(|place| place[axis]);
        let low = values.clone().fold(f32::INFINITY, f32::min);
        let high = values.fold(f32::NEG_INFINITY, f32::max);
        let edge = 0.03 * (high - low).max(1e-3);
        low - edge..high + edge
    };
    svg((760, 640), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(130)
            .build_cartesian_2d(range(0), range(1))
            .map_err(undrawn)?;
        for (label, name) in names.iter().enumerate() {
            let fill = colour(label).mix(0.7).filled();
            let own = places.iter().zip(labels);
            let own = own.filter(|(_, own)| usize::from(**own) == label);
            let dots = own.map(|(place, _)| Circle::new((place[0], place[1]), 2, fill));
            chart.draw_series(dots).map_err(undrawn)?;
            let at = (640, 24 + 20 * label as i32);
            area.draw(&Circle::new(at, 5, fill)).map_err(undrawn)?;
            let words = Text::new(name.clone(), (at.0 + 10, at.1 - 7), (FONT, 12).into_font());
            area.draw(&words).map_err(undrawn)?;
        }
        Ok(())
    })
}
