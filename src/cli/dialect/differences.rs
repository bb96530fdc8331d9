//! Two texts side by side, line by line: what is missing, what is new, and the lines around. Refuses
//! to compare within a line.

/// Lines shown before and after a difference.
const AROUND: usize = 2;
/// Pairs of lines compared at most; beyond, what differs is shown as one block.
const MOST: usize = 4_000_000;

/// The differing lines, `- ` for those only in `wanted` and `+ ` for those only in `got`, with some
/// equal lines around them; `…` where more are left out. Empty where both are equal.
pub fn differences(wanted: &str, got: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), got.lines().collect());
    let steps = steps(&a, &b);
    let differs: Vec<usize> = (0..steps.len()).filter(|n| steps[*n].0 != ' ').collect();
    let mut out = Vec::new();
    let mut next = 0;
    for at in differs {
        let from = at.saturating_sub(AROUND).max(next);
        if from > next && !out.is_empty() || next == 0 && from > 0 {
            out.push("…".to_owned());
        }
        // Equal lines after a difference are shown until the next one's own begin.
        let to = (at + AROUND + 1).min(steps.len());
        for (sign, line) in &steps[from.min(to)..to] {
            out.push(format!("{sign} {line}"));
        }
        next = to.max(next);
    }
    if !out.is_empty() && next < steps.len() {
        out.push("…".to_owned());
    }
    out
}

/// All lines of both texts in order, each with its sign.
fn steps<'t>(a: &[&'t str], b: &[&'t str]) -> Vec<(char, &'t str)> {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    let tail = rest_a
        .iter()
        .rev()
        .zip(rest_b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a_mid, b_mid) = (
        &rest_a[..rest_a.len() - tail],
        &rest_b[..rest_b.len() - tail],
    );
    let mut out: Vec<(char, &str)> = a[..same].iter().map(|l| (' ', *l)).collect();
    if a_mid.len().saturating_mul(b_mid.len()) > MOST {
        out.extend(a_mid.iter().map(|l| ('-', *l)));
        out.extend(b_mid.iter().map(|l| ('+', *l)));
    } else {
        middle(a_mid, b_mid, &mut out);
    }
    out.extend(a[a.len() - tail..].iter().map(|l| (' ', *l)));
    out
}

/// The longest common run of lines, by the usual table.
fn middle<'t>(a: &[&'t str], b: &[&'t str], out: &mut Vec<(char, &'t str)>) {
    let width = b.len() + 1;
    let mut best = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i * width + j] = if a[i] == b[j] {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let down =
            i < a.len() && (j == b.len() || best[(i + 1) * width + j] >= best[i * width + j + 1]);
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if down {
            out.push(('-', a[i]));
            i += 1;
        } else {
            out.push(('+', b[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_the_lines_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh";
        assert!(differences(old, old).is_empty());
        let new = "a\nb\nc\nD\ne\nf\ng\nh\ni";
        let shown = differences(old, new);
        assert_eq!(
            shown,
            [
                "…", "  b", "  c", "- d", "+ D", "  e", "  f", "  g", "  h", "+ i"
            ]
        );
        assert_eq!(differences("", "x"), ["+ x"]);
        assert_eq!(differences("x\ny", "y"), ["- x", "  y"]);
        let moved = differences("1\n2\n3", "2\n3\n1");
        assert_eq!(moved, ["- 1", "  2", "  3", "+ 1"]);
    }

    #[test]
    fn long_texts_that_share_nothing_are_one_block() {
        let of = |sign: &str| {
            (0..3000)
                .map(|n| format!("{sign}{n}\n"))
                .collect::<String>()
        };
        let shown = differences(&of("a"), &of("b"));
        assert_eq!(shown.len(), 6000);
        assert!(shown[0] == "- a0" && shown[3000] == "+ b0");
    }
}
