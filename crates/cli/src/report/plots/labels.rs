//! Plots with a row for each label, drawn by hand because plotters has no axes of names.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use tonearm::evaluation::metrics::Metrics;

use super::{COLOURS, WIDTH, colour, draw_error, longest, percent_label, svg, text_style};

/// The confusion matrix, with true labels as rows and predictions as columns.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn confusion(metrics: &Metrics, labels: &[String]) -> Result<String> {
    const CELL: i32 = 56;
    let edge = longest(labels) + 30;
    let end = edge + labels.len() as i32 * CELL;
    svg(((end + 12) as u32, (end + 12) as u32), |area| {
        let write = |text: &str, at, style: TextStyle<'_>| write(area, text, at, style);
        let upright = |style: TextStyle<'static>| style.transform(FontTransform::Rotate270);
        let middle = (edge + end) / 2;
        write(
            "prediction",
            (middle, 2),
            text_style(HPos::Center, VPos::Top),
        )?;
        let style = text_style(HPos::Center, VPos::Top);
        write("true label", (2, middle), upright(style))?;
        for (row, (counts, name)) in metrics.confusion.iter().zip(labels).enumerate() {
            let total: u32 = counts.iter().sum();
            let top = edge + row as i32 * CELL;
            let centre = top + CELL / 2;
            write(
                name,
                (edge - 8, centre),
                text_style(HPos::Right, VPos::Center),
            )?;
            let style = text_style(HPos::Left, VPos::Center);
            write(name, (centre, edge - 8), upright(style))?;
            for (column, count) in counts.iter().enumerate() {
                let fraction = f64::from(*count) / f64::from(total.max(1));
                let left = edge + column as i32 * CELL;
                let corners = [(left, top), (left + CELL - 1, top + CELL - 1)];
                let cell = Rectangle::new(corners, COLOURS[0].mix(fraction).filled());
                area.draw(&cell).map_err(draw_error)?;
                let ink = if fraction > 0.5 { &WHITE } else { &BLACK };
                let style = text_style(HPos::Center, VPos::Center).color(ink);
                let centre = left + CELL / 2;
                write(&percent_label(&fraction), (centre, top + 20), style.clone())?;
                write(&count.to_string(), (centre, top + 38), style)?;
            }
        }
        Ok(())
    })
}

/// Bars of precision, recall and F1 score of each label.
///
/// # Errors
/// If the plot cannot be drawn.
pub fn per_genre(metrics: &Metrics) -> Result<String> {
    const BAR: i32 = 12;
    /// Three bars and a gap.
    const GROUP: i32 = 4 * BAR;
    /// Height of the legend above the bars.
    const TOP: i32 = 30;
    /// Height of the axis below the bars.
    const BOTTOM: i32 = 30;
    let classes = &metrics.per_class;
    let left = longest(classes.iter().map(|class| &class.label)) + 12;
    let end = TOP + classes.len() as i32 * GROUP;
    let unit = f64::from(WIDTH as i32 - left - 40);
    let at = |fraction: f64| left + (unit * fraction) as i32;
    let kinds = ["precision", "recall", "F1"];
    svg((WIDTH, (end + BOTTOM) as u32), |area| {
        let write = |text: &str, at, style: TextStyle<'_>| write(area, text, at, style);
        for tenths in (0..=10).step_by(2) {
            let fraction = f64::from(tenths) / 10.0;
            let line =
                PathElement::new([(at(fraction), TOP), (at(fraction), end)], BLACK.mix(0.15));
            area.draw(&line).map_err(draw_error)?;
            let style = text_style(HPos::Center, VPos::Top);
            write(&percent_label(&fraction), (at(fraction), end + 6), style)?;
        }
        for (kind, name) in kinds.into_iter().enumerate() {
            let x = left + 110 * kind as i32;
            let key = Rectangle::new([(x, 4), (x + 12, 16)], colour(kind).filled());
            area.draw(&key).map_err(draw_error)?;
            write(name, (x + 18, 10), text_style(HPos::Left, VPos::Center))?;
        }
        for (index, class) in classes.iter().enumerate() {
            let top = TOP + index as i32 * GROUP + BAR / 2;
            let middle = top + 3 * BAR / 2;
            let style = text_style(HPos::Right, VPos::Center);
            write(&class.label, (left - 8, middle), style)?;
            for (kind, value) in [class.precision, class.recall, class.f1]
                .into_iter()
                .enumerate()
            {
                let top = top + kind as i32 * BAR;
                let corners = [(left, top), (at(value), top + BAR - 2)];
                let bar = Rectangle::new(corners, colour(kind).filled());
                area.draw(&bar).map_err(draw_error)?;
            }
        }
        Ok(())
    })
}

fn write(
    area: &DrawingArea<SVGBackend, Shift>,
    text: &str,
    at: (i32, i32),
    style: TextStyle,
) -> Result<()> {
    let text = Text::new(text.to_owned(), at, style);
    area.draw(&text).map_err(draw_error)
}
