//! Lines over an axis, as SVG: medians, and how far the rounds spread. Takes points; must not know what they mean.

use crate::figure::{Figures, Spread, mark};

/// The picture, in pixels, and what is left around its field.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Colours that stay apart for those who see fewer of them (Okabe and Ito).
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
];

/// How an axis runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Evenly, from zero.
    Even,
    /// By doublings or tenfolds.
    Powers,
}

/// One line.
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, Spread)>,
}

/// A picture.
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// What runs to the right.
    pub x: (String, Scale),
    /// What runs upwards.
    pub y: (String, Scale),
    /// Its lines.
    pub lines: Vec<Line>,
}

/// From values to pixels.
struct Axis {
    scale: Scale,
    from: f64,
    to: f64,
    pixels: (f64, f64),
}

impl Plot {
    /// A figure of a part, a line for each arm.
    pub fn by_arm(figures: &Figures, part: &str, what: &str, x: &str, y_scale: Scale) -> Plot {
        let line = |arm: &&str| {
            let of_arm = figures.of(part, what).filter(|figure| figure.arm == **arm);
            let mut points: Vec<_> = of_arm.map(|figure| (figure.at, figure.spread())).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Line {
                name: (*arm).to_owned(),
                points,
            }
        };
        Plot {
            title: format!("{what} by {x}"),
            x: (x.to_owned(), Scale::Powers),
            y: (what.to_owned(), y_scale),
            lines: figures.arms(part, what).iter().map(line).collect(),
        }
    }

    /// Itself, as a file.
    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let x = Axis::of(
            self.x.1,
            points().map(|point| point.0),
            (LEFT, WIDTH - RIGHT),
        );
        let ends = points().flat_map(|point| [point.1.least, point.1.most]);
        let y = Axis::of(self.y.1, ends, (HEIGHT - BOTTOM, TOP));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        text(&mut svg, (LEFT, TOP - 18.0), "start", &self.title);
        self.axes(&mut svg, &x, &y);
        for (at, line) in self.lines.iter().enumerate() {
            line.draw(&mut svg, (&x, &y), COLOURS[at % COLOURS.len()], at);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for value in y.marks() {
            let at = y.at(value);
            rule(svg, (LEFT, at), (right, at), "#dddddd");
            text(svg, (LEFT - 6.0, at + 4.0), "end", &mark(value));
        }
        for value in x.marks() {
            let at = x.at(value);
            rule(svg, (at, bottom), (at, bottom + 4.0), "#888888");
            text(svg, (at, bottom + 18.0), "middle", &mark(value));
        }
        rule(svg, (LEFT, bottom), (right, bottom), "#888888");
        text(
            svg,
            ((LEFT + right) / 2.0, HEIGHT - 12.0),
            "middle",
            &self.x.0,
        );
    }
}

impl Line {
    fn draw(&self, svg: &mut String, (x, y): (&Axis, &Axis), colour: &str, place: usize) {
        let mut path = String::new();
        for (at, spread) in &self.points {
            let (px, py) = (x.at(*at), y.at(spread.median));
            let step = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!("{step}{px:.1} {py:.1} "));
            rule(
                svg,
                (px, y.at(spread.least)),
                (px, y.at(spread.most)),
                colour,
            );
            svg.push_str(&format!(
                "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3\" fill=\"{colour}\"/>\n"
            ));
        }
        svg.push_str(&format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
            path.trim_end()
        ));
        let (left, at) = (WIDTH - RIGHT + 14.0, TOP + 18.0 * place as f64);
        rule(svg, (left, at), (left + 16.0, at), colour);
        text(svg, (left + 22.0, at + 4.0), "start", &self.name);
    }
}

impl Axis {
    fn of(scale: Scale, values: impl Iterator<Item = f64>, pixels: (f64, f64)) -> Axis {
        let is_shown = |value: &f64| value.is_finite() && (scale == Scale::Even || *value > 0.0);
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(is_shown) {
            (from, to) = (from.min(value), to.max(value));
        }
        if from > to {
            (from, to) = (1.0, 2.0);
        }
        match scale {
            Scale::Even => (from, to) = (0.0, if to > 0.0 { to * 1.05 } else { 1.0 }),
            Scale::Powers if from == to => (from, to) = (from / 2.0, to * 2.0),
            Scale::Powers => {}
        }
        Axis {
            scale,
            from,
            to,
            pixels,
        }
    }

    fn at(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Even => (value - self.from) / (self.to - self.from),
            Scale::Powers => doublings(value / self.from) / doublings(self.to / self.from),
        };
        let (from, to) = self.pixels;
        from + share.clamp(0.0, 1.0) * (to - from)
    }

    /// Round values along it.
    fn marks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Even => {
                let rough = (self.to - self.from) / 5.0;
                let power = (-300..300)
                    .map(|at| 10_f64.powi(at))
                    .rfind(|power| *power <= rough);
                let power = power.unwrap_or(1.0);
                let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
                let step = step
                    .into_iter()
                    .find(|step| *step >= rough)
                    .unwrap_or(rough);
                (0..=(self.to / step) as u32)
                    .map(|at| f64::from(at) * step)
                    .collect()
            }
            Scale::Powers => {
                let is_wide = self.to / self.from > 1_000.0;
                let base: f64 = if is_wide { 10.0 } else { 2.0 };
                let powers = (-60..60).map(|at| base.powi(at));
                let within = |value: &f64| (self.from..=self.to).contains(value);
                powers.filter(within).collect()
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a picture may differ in its last bit"
)]
fn doublings(ratio: f64) -> f64 {
    ratio.log2()
}

fn rule(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    svg.push_str(&format!(
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>\n",
        from.0, from.1, to.0, to.1
    ));
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{words}</text>\n",
        at.0, at.1
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_line_for_every_arm_and_marks_within_its_axes() {
        let mut figures = Figures::default();
        for (arm, at, value) in [("a", 1.0, 10.0), ("a", 64.0, 400.0), ("b", 1.0, 5.0)] {
            figures.note("p", arm, at, "answers/s", value);
        }
        let plot = Plot::by_arm(&figures, "p", "answers/s", "connections", Scale::Even);
        let svg = plot.svg();
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(
            svg.contains(">64</text>") && svg.contains(">400</text>"),
            "{svg}"
        );
        assert!(!svg.contains("NaN"));
    }
}
