//! The bars of the 14 elements, drawn on the server as SVG figures. Refuses scripts and inline styles;
//! colours stand in the style sheet.

use crate::chip::element_name;
use crate::format::number;
use crate::lang::Lang;
use crate::text::Text;
use tongcha_hub::view::overview::ElementLine;

/// Width of the longest bar.
const BAR: u64 = 430;
/// Where bars begin.
const LEFT: u64 = 132;
/// Height of a row.
const ROW: u64 = 25;
/// A count that is not zero is at least this wide.
const LEAST: u64 = 2;

/// One part of a bar.
pub(crate) struct Segment {
    pub(crate) class: &'static str,
    pub(crate) x: u64,
    pub(crate) width: u64,
    pub(crate) title: String,
}

/// One bar.
pub(crate) struct Bar {
    pub(crate) name: &'static str,
    pub(crate) y: u64,
    pub(crate) text_y: u64,
    pub(crate) parts: Vec<Segment>,
    pub(crate) end: u64,
    pub(crate) figure: String,
}

/// The chart.
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    pub(crate) width: u64,
    pub(crate) height: u64,
    pub(crate) left: u64,
}

/// The bars of a ledger by element.
pub(crate) fn elements(lang: Lang, lines: &[ElementLine]) -> Chart {
    let t = Text::of(lang);
    let longest = lines
        .iter()
        .map(|l| l.counts.received)
        .max()
        .unwrap_or(0)
        .max(1);
    let bars = lines
        .iter()
        .zip(0u64..)
        .map(|(line, row)| {
            let c = &line.counts;
            let all = [
                ("fill-stored", t.stored, c.stored),
                ("fill-rejected", t.rejected, c.rejected),
                ("fill-duplicate", t.duplicate, c.duplicate),
                ("fill-pending", t.pending, c.pending),
            ];
            let mut x = LEFT;
            let mut parts = Vec::new();
            for (class, word, count) in all.into_iter().filter(|(_, _, count)| *count > 0) {
                let width = (u128::from(count) * u128::from(BAR) / u128::from(longest))
                    .try_into()
                    .unwrap_or(BAR)
                    .max(LEAST);
                parts.push(Segment {
                    class,
                    x,
                    width,
                    title: format!("{word} {}", number(count)),
                });
                x += width;
            }
            Bar {
                name: element_name(lang, &line.element),
                y: row * ROW + 5,
                text_y: row * ROW + 18,
                parts,
                end: x + 8,
                figure: number(c.received),
            }
        })
        .collect();
    Chart {
        bars,
        width: LEFT + BAR + 80,
        height: ROW * lines.len() as u64 + 4,
        left: LEFT - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongcha_schema::receipt::Counts;

    #[test]
    fn bars_are_in_proportion_and_a_single_record_is_seen() {
        let line = |element: &str, stored, rejected| ElementLine {
            element: element.to_owned(),
            counts: Counts {
                received: stored + rejected,
                stored,
                rejected,
                ..Counts::default()
            },
        };
        let chart = elements(
            Lang::En,
            &[line("process", 9_999, 1), line("organ", 5_000, 0)],
        );
        let widths = |bar: &Bar| bar.parts.iter().map(|p| p.width).collect::<Vec<_>>();
        assert_eq!(widths(&chart.bars[0]), [429, LEAST]);
        assert_eq!(widths(&chart.bars[1]), [215]);
        assert_eq!(chart.bars[0].figure, "10,000");
        assert!(elements(Lang::Zh, &[]).bars.is_empty());
    }
}
