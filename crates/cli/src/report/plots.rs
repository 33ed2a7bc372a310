//! The plots of a report, as SVG.

mod labels;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use tonearm::data::Matrix;
use tonearm::evaluation::metrics::reliability as bins;

use crate::storage::records::{Epoch, Fit};
pub use labels::{confusion, per_genre};

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

/// Height of texts, in pixels.
const FONT_SIZE: u32 = 14;

/// Width of plots, in pixels.
const WIDTH: u32 = 720;

/// Width of a text, in pixels; an upper bound for most names.
fn text_width(text: &str) -> i32 {
    8 * text.chars().count() as i32
}

/// Width of the longest name, in pixels.
fn longest<'a>(names: impl IntoIterator<Item = &'a String>) -> i32 {
    names
        .into_iter()
        .map(|name| text_width(name))
        .max()
        .unwrap_or(0)
}

/// Style of a text that is positioned by the given point of its box.
fn text_style(horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let style = TextStyle::from((FONT, FONT_SIZE).into_font());
    style.pos(Pos::new(horizontal, vertical))
}

fn percent_label(fraction: &f64) -> String {
    format!("{:.0} %", fraction * 100.0)
}

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

    /// A value beside the axis.
    fn axis_label(self, value: &f64) -> String {
        match self {
            Self::Loss => format!("{value:.1}"),
            Self::Accuracy => percent_label(value),
        }
    }

    /// The corner without lines.
    fn legend_position(self) -> SeriesLabelPosition {
        match self {
            Self::Loss => SeriesLabelPosition::UpperRight,
            Self::Accuracy => SeriesLabelPosition::LowerRight,
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

/// Draws a plot without a background. Black becomes the text colour of the page.
fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, Shift>) -> Result<()>,
) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&area)?;
        area.present().map_err(draw_error)?;
    }
    Ok(text.replace("#000000", "currentColor"))
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
    let highest = match curve {
        Curve::Loss => values.fold(f64::MIN_POSITIVE, f64::max) * 1.05,
        Curve::Accuracy => 1.0,
    };
    svg((WIDTH, 360), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(64)
            .build_cartesian_2d(1..last.max(2), 0.0..highest)
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            // plotters loops forever over an integer axis with 0.
            .max_light_lines(1)
            .x_labels(last.clamp(2, 12))
            .y_labels(6)
            .label_style((FONT, FONT_SIZE))
            .x_desc("epoch")
            .y_desc(curve.name())
            .y_label_formatter(&|value| curve.axis_label(value))
            .draw()
            .map_err(draw_error)?;
        for (part, name) in ["training", "validation"].into_iter().enumerate() {
            let style = colour(part).mix(0.6).stroke_width(2);
            let mut has_legend = false;
            for fit in fits {
                let point = |epoch: &Epoch| Some((epoch.epoch, curve.of(epoch)[part]?));
                let points: Vec<(usize, f64)> = fit.epochs.iter().filter_map(point).collect();
                // A line through one point is invisible.
                let point_size = match points.len() {
                    0 => continue,
                    1 => 3,
                    _ => 0,
                };
                let line = chart
                    .draw_series(LineSeries::new(points, style).point_size(point_size))
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
            .label_font((FONT, FONT_SIZE))
            .position(curve.legend_position())
            .draw()
            .map_err(draw_error)
    })
}

/// The reliability diagram: accuracy by predicted probability.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn reliability(probabilities: &Matrix, truth: &[usize]) -> Result<String> {
    let bins = bins(probabilities, truth);
    let width = 1.0 / bins.len() as f64;
    svg((480, 480), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(24)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .x_labels(6)
            .y_labels(6)
            .label_style((FONT, FONT_SIZE))
            .x_label_formatter(&percent_label)
            .y_label_formatter(&percent_label)
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
    let legend = longest(names) + 40;
    svg((WIDTH, 600), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(legend)
            .build_cartesian_2d(range(0), range(1))
            .map_err(draw_error)?;
        for (label, name) in names.iter().enumerate() {
            let fill = colour(label).mix(0.7).filled();
            let own = coordinates.iter().zip(labels);
            let own = own.filter(|(_, own)| usize::from(**own) == label);
            let dots = own.map(|(point, _)| Circle::new((point[0], point[1]), 2, fill));
            chart.draw_series(dots).map_err(draw_error)?;
            let at = (WIDTH as i32 - legend + 16, 24 + 22 * label as i32);
            area.draw(&Circle::new(at, 5, fill)).map_err(draw_error)?;
            let style = text_style(HPos::Left, VPos::Center);
            let text = Text::new(name.clone(), (at.0 + 12, at.1), style);
            area.draw(&text).map_err(draw_error)?;
        }
        Ok(())
    })
}
