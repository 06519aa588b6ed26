//! The chart: for each part, the entries that walks read in each layout.

use std::fmt::{self, Write};

use super::{Row, Spread};

const WIDTH: u64 = 760;
/// The left edge of the bars: names of layouts are on the left of it.
const BARS: u64 = 300;
/// The longest bar.
const LONGEST: u64 = 300;
const STEP: u64 = 22;

const STYLE: &str = "\
.landfall{background:#fcfbf8;display:block;width:100%;height:auto;max-width:760px;margin:0 auto}
.landfall text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b1f27}
.landfall .h1{font-size:18px;font-weight:700}
.landfall .h2{font-size:15px;font-weight:700}
.landfall .end{text-anchor:end}
.landfall .note{fill:#555d6b}
.landfall .bar{fill:#0072b2}
.landfall .spread{stroke:#d55e00;stroke-width:2.5}
@media (prefers-color-scheme:dark){
.landfall{background:#15171c}
.landfall text{fill:#eceef2}
.landfall .note{fill:#a5adbb}
.landfall .bar{fill:#3d9bd6}
.landfall .spread{stroke:#e8741a}
}
";

/// Draws the chart.
#[must_use]
pub fn chart(rows: &[Row]) -> String {
    let mut parts: Vec<&str> = rows.iter().map(|row| row.part.as_str()).collect();
    parts.dedup();
    let mut body = Body { y: 62, text: String::new() };
    for part in parts {
        let rows: Vec<_> = rows.iter().filter(|row| row.part == part).collect();
        body.panel(part, &rows);
    }
    let (height, text) = (body.y + 10, body.text);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' class='landfall' role='graphics-document' \
         width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}'>\n\
         <title>Entries that page-table walks read, by layout</title>\n<style>\n{STYLE}</style>\n\
         <text class='h1' x='24' y='30'>Entries that walks read, per thousand accesses</text>\n\
         <text class='note' x='24' y='50'>A model, not a measurement. Bars: mean over the seeds. \
         Lines: least to most.</text>\n{text}</svg>\n"
    )
}

/// Elements, and the place of the next ones.
struct Body {
    y: u64,
    text: String,
}

impl Body {
    fn panel(&mut self, part: &str, rows: &[&Row]) {
        self.y += 26;
        let y = self.y;
        self.push(format_args!("<text class='h2' x='24' y='{y}'>{}</text>", escape(part)));
        self.y += 8;
        let longest = rows.iter().map(|row| row.reads.most).max().unwrap_or(1).max(1);
        for row in rows {
            self.bar(row, longest);
        }
    }

    fn bar(&mut self, row: &Row, longest: u64) {
        let (top, base, middle) = (self.y + 4, self.y + 16, self.y + 10);
        let at = |count: u64| BARS + count * LONGEST / longest;
        let Spread { mean, least, most } = row.reads;
        let (width, from, to, beside) = (at(mean) - BARS, at(least), at(most), at(most) + 8);
        let name = escape(&row.layout);
        self.push(format_args!("<text class='end' x='{}' y='{base}'>{name}</text>", BARS - 8));
        self.push(format_args!("<rect class='bar' x='{BARS}' y='{top}' width='{width}' height='13'/>"));
        self.push(format_args!("<path class='spread' d='M{from} {middle}H{to}'/>"));
        let hundredths = (mean + 5) / 10;
        let count = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.push(format_args!("<text x='{beside}' y='{base}'>{count}</text>"));
        self.y += STEP;
    }

    fn push(&mut self, element: fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{element}");
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_bar_and_its_spread() {
        let spread = Spread { mean: 20_500, least: 10_000, most: 30_000 };
        let row = |part: &str, layout: &str| Row {
            layout: layout.to_owned(),
            part: part.to_owned(),
            first: spread,
            second: spread,
            reads: spread,
        };
        let svg = chart(&[row("one", "a"), row("one", "b < c"), row("two", "a")]);
        assert_eq!(svg.matches("class='bar'").count(), 3);
        assert_eq!(svg.matches("<text class='h2'").count(), 2);
        assert!(svg.contains("b &lt; c") && svg.contains(">20.50<"), "{svg}");
        assert!(svg.contains(&format!("d='M{} ", BARS + 100)), "the spread begins at a third: {svg}");
    }
}
