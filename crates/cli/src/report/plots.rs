//! The plots of a report, as SVG.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use tonearm::evaluation::metrics::{ClassMetrics, Metrics, reliability as bins};

use crate::storage::records::{Epoch, Fit};

/// Colours of labels, mostly from Paul Tol's colour-blind safe "bright" and "muted" schemes.
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

/// What a training curve shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// The loss.
    Loss,
    /// The top-1 accuracy.
    Accuracy,
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
        }
    }

    /// The values of an epoch on training and validation rows.
    fn of(self, epoch: &Epoch) -> [Option<f64>; 2] {
        match self {
            Self::Loss => [Some(epoch.train_loss), epoch.validation_loss],
            Self::Accuracy => [epoch.train_top1, epoch.validation_top1],
        }
    }
}

/// Draws a plot on a white background.
fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, Shift>) -> Result<()>,
) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).map_err(draw_error)?;
        draw(&area)?;
        area.present().map_err(draw_error)?;
    }
    Ok(text)
}

fn draw_error(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw a plot: {error}")
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// Training curves of all fits, in one colour for training and one for validation.
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
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(1)
            .x_desc("epoch")
            .y_desc(curve.name())
            .x_label_formatter(&|epoch| format!("{epoch:.0}"))
            .draw()
            .map_err(draw_error)?;
        for (part, name) in ["training", "validation"].into_iter().enumerate() {
            let style = colour(part).mix(0.6).stroke_width(1);
            let mut has_legend = false;
            for fit in fits {
                let point = |epoch: &Epoch| Some((epoch.epoch as f64, curve.of(epoch)[part]?));
                let points: Vec<(f64, f64)> = fit.epochs.iter().filter_map(point).collect();
                if points.is_empty() {
                    continue;
                }
                let line = chart
                    .draw_series(LineSeries::new(points, style))
                    .map_err(draw_error)?;
                // One legend entry for all fits.
                if !std::mem::replace(&mut has_legend, true) {
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
            .map_err(draw_error)
    })
}

/// The confusion matrix, with true labels as rows and predictions as columns.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn confusion(metrics: &Metrics, labels: &[String]) -> Result<String> {
    const CELL: i32 = 56;
    const EDGE: i32 = 130;
    let n = labels.len() as i32;
    let size = (EDGE + n * CELL + 12) as u32;
    svg((size, size), |area| {
        let cell_font = (FONT, 11).into_font();
        let label_font = (FONT, 13).into_font();
        for (row, (counts, name)) in metrics.confusion.iter().zip(labels).enumerate() {
            let total: u32 = counts.iter().sum();
            let top = EDGE + row as i32 * CELL;
            let text = Text::new(name.clone(), (4, top + CELL / 2 - 7), label_font.clone());
            area.draw(&text).map_err(draw_error)?;
            let left = EDGE + row as i32 * CELL + CELL / 2 + 6;
            let vertical = label_font.transform(FontTransform::Rotate270);
            let text = Text::new(name.clone(), (left - 12, EDGE - 6), vertical);
            area.draw(&text).map_err(draw_error)?;
            for (column, count) in counts.iter().enumerate() {
                let fraction = f64::from(*count) / f64::from(total.max(1));
                let left = EDGE + column as i32 * CELL;
                let corners = [(left, top), (left + CELL - 1, top + CELL - 1)];
                let fill = COLOURS[0].mix(fraction).filled();
                area.draw(&Rectangle::new(corners, fill))
                    .map_err(draw_error)?;
                let ink = if fraction > 0.5 { WHITE } else { BLACK };
                let text = Text::new(
                    format!("{:.0} %", fraction * 100.0),
                    (left + 12, top + CELL / 2 - 14),
                    cell_font.color(&ink),
                );
                area.draw(&text).map_err(draw_error)?;
                let text = Text::new(
                    count.to_string(),
                    (left + 12, top + CELL / 2 + 2),
                    cell_font.color(&ink),
                );
                area.draw(&text).map_err(draw_error)?;
            }
        }
        Ok(())
    })
}

/// Bar chart of precision, recall and F1 score of each label.
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
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .draw()
            .map_err(draw_error)?;
        for (kind, name) in ["precision", "recall", "F1"].into_iter().enumerate() {
            let fill = colour(kind).filled();
            let bar = |(index, class): (usize, &ClassMetrics)| {
                let left = index as f64 + 0.1 + 0.27 * kind as f64;
                Rectangle::new([(left, 0.0), (left + 0.25, values(class)[kind])], fill)
            };
            chart
                .draw_series(classes.iter().enumerate().map(bar))
                .map_err(draw_error)?
                .label(name)
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], fill));
        }
        let plane = chart.plotting_area();
        for (index, class) in classes.iter().enumerate() {
            let (left, bottom) = plane.map_coordinate(&(index as f64 + 0.1, 0.0));
            let text = Text::new(
                class.label.clone(),
                (left, bottom + 6),
                (FONT, 11).into_font(),
            );
            area.draw(&text).map_err(draw_error)?;
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .position(SeriesLabelPosition::UpperRight)
            .draw()
            .map_err(draw_error)
    })
}

/// The reliability diagram: accuracy by predicted probability.
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
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .x_desc("predicted probability")
            .y_desc("accuracy")
            .draw()
            .map_err(draw_error)?;
        let filled = bins.iter().enumerate().filter(|(_, bin)| bin.n > 0);
        let bars = filled.map(|(index, bin)| {
            let left = index as f64 * width;
            let corners = [(left, 0.0), (left + width * 0.92, bin.accuracy)];
            Rectangle::new(corners, COLOURS[0].mix(0.8).filled())
        });
        chart.draw_series(bars).map_err(draw_error)?;
        let ideal = LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.5));
        chart.draw_series(ideal).map(drop).map_err(draw_error)
    })
}

/// Scatter plot of tracks, coloured by label.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn scatter(coordinates: &[[f32; 2]], labels: &[u8], names: &[String]) -> Result<String> {
    let range = |axis: usize| {
        let values = coordinates.iter().map(|point| point[axis]);
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
            .map_err(draw_error)?;
        for (label, name) in names.iter().enumerate() {
            let fill = colour(label).mix(0.7).filled();
            let own = coordinates.iter().zip(labels);
            let own = own.filter(|(_, own)| usize::from(**own) == label);
            let dots = own.map(|(point, _)| Circle::new((point[0], point[1]), 2, fill));
            chart.draw_series(dots).map_err(draw_error)?;
            let at = (640, 24 + 20 * label as i32);
            area.draw(&Circle::new(at, 5, fill)).map_err(draw_error)?;
            let text = Text::new(name.clone(), (at.0 + 10, at.1 - 7), (FONT, 12).into_font());
            area.draw(&text).map_err(draw_error)?;
        }
        Ok(())
    })
}
