//! Import circles between the files of one crate: there are none. A file imports another where it
//! names a path into it (`use`, or in the middle of the code); what a file only hands on (`pub use`)
//! is laid to the file that has it. What a file declares its own folder may use (`super::`): that is one
//! room, and no arrow. Refuses to look into tests, macros and types that are inferred.

use super::tree::{Text, absolute, none};
use std::collections::{BTreeMap, BTreeSet};

/// Roots of the crates, as cargo knows them. The hub's is missing: its way of a record is a knot still.
const ROOTS: [&str; 7] = [
    "schema/src/lib.rs",
    "adapters/decode/src/lib.rs",
    "adapters/src/lib.rs",
    "hub/supervision/src/lib.rs",
    "admin/src/lib.rs",
    "src/lib.rs",
    "src/main.rs",
];

/// A path as it is written: names, the first of which may be `crate`, `self` or `super`.
type Names = Vec<String>;

/// One `use`: what it names, under which name it is known here (`*` for all), and whether it is handed on.
struct Use {
    names: Names,
    known_as: String,
    handed_on: bool,
}

/// One file of a crate.
struct Module {
    path: String,
    uses: Vec<Use>,
    /// Paths in the middle of the code.
    inline: Vec<Names>,
    /// Names that it defines.
    items: BTreeSet<String>,
    children: BTreeSet<String>,
}

/// Names and signs of Rust text, without comments, texts and lifetimes.
fn tokens(code: &str) -> Vec<String> {
    let chars: Vec<char> = code.chars().collect();
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        match chars[at] {
            '/' if next == '/' => at = end_of_line(&chars, at),
            '"' => at = end_of_text(&chars, at),
            'r' | 'b' if raw_hashes(&chars, at).is_some() => at = end_of_raw(&chars, at),
            '\'' => at = end_of_quote(&chars, at),
            sign if sign.is_alphanumeric() || sign == '_' => {
                let from = at;
                while chars
                    .get(at)
                    .is_some_and(|c| c.is_alphanumeric() || *c == '_')
                {
                    at += 1;
                }
                found.push(chars[from..at].iter().collect());
            }
            ':' if next == ':' => {
                found.push("::".to_owned());
                at += 2;
            }
            sign => {
                if !sign.is_whitespace() {
                    found.push(sign.to_string());
                }
                at += 1;
            }
        }
    }
    found
}

fn end_of_line(chars: &[char], from: usize) -> usize {
    (from..chars.len())
        .find(|at| chars[*at] == '\n')
        .unwrap_or(chars.len())
}

fn end_of_text(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// Number of `#` where a raw text begins (`r"`, `br#"`).
fn raw_hashes(chars: &[char], from: usize) -> Option<(usize, usize)> {
    let start = from + usize::from(chars[from] == 'b');
    let inside = from > 0 && (chars[from - 1].is_alphanumeric() || chars[from - 1] == '_');
    if inside || chars.get(start) != Some(&'r') {
        return None;
    }
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(start + 1 + hashes) == Some(&'"')).then_some((start + 1 + hashes, hashes))
}

fn end_of_raw(chars: &[char], from: usize) -> usize {
    let Some((quote, hashes)) = raw_hashes(chars, from) else {
        return from + 1;
    };
    let closes = |at: &usize| {
        chars[*at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes
    };
    (quote + 1..chars.len())
        .find(closes)
        .map_or(chars.len(), |at| at + 1 + hashes)
}

/// Behind a character in quotes; behind the quote alone where it opens a lifetime.
fn end_of_quote(chars: &[char], from: usize) -> usize {
    if chars.get(from + 1) == Some(&'\\') {
        let closes = (from + 3..chars.len()).find(|at| chars[*at] == '\'');
        return closes.map_or(chars.len(), |at| at + 1);
    }
    if chars.get(from + 2) == Some(&'\'') {
        return from + 3;
    }
    from + 1
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// A tree of a `use`, from `at` on: the paths it names, and where it ends.
fn tree(tokens: &[String], mut at: usize, before: &Names, all: &mut Vec<(Names, String)>) -> usize {
    let mut names = before.clone();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &names, all);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            "*" => {
                all.push((names, "*".to_owned()));
                return at + 1;
            }
            "as" => {
                let known_as = tokens.get(at + 1).cloned().unwrap_or_default();
                all.push((names, known_as));
                return at + 2;
            }
            name if is_name(name) => {
                if !(name == "self" && !names.is_empty()) {
                    names.push(name.to_owned());
                }
                at += 1;
            }
            _ => break,
        }
    }
    let known_as = names.last().cloned().unwrap_or_default();
    all.push((names, known_as));
    at
}

impl Module {
    fn read(path: &str, code: &str) -> Module {
        let tokens = tokens(code);
        let mut module = Module {
            path: path.to_owned(),
            uses: Vec::new(),
            inline: Vec::new(),
            items: BTreeSet::new(),
            children: BTreeSet::new(),
        };
        let mut at = 0;
        while at < tokens.len() {
            at = module.take(&tokens, at);
        }
        module
    }

    /// What begins at `at`; where the next thing begins.
    fn take(&mut self, tokens: &[String], at: usize) -> usize {
        let token = |at: usize| tokens.get(at).map_or("", String::as_str);
        match token(at) {
            "use" => {
                let mut all = Vec::new();
                let end = tree(tokens, at + 1, &Vec::new(), &mut all);
                let handed_on = at > 0 && matches!(token(at - 1), "pub" | ")");
                self.uses
                    .extend(all.into_iter().map(|(names, known_as)| Use {
                        names,
                        known_as,
                        handed_on,
                    }));
                end
            }
            "mod" if token(at + 2) == ";" => {
                self.children.insert(token(at + 1).to_owned());
                at + 3
            }
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" => {
                self.items.insert(token(at + 1).to_owned());
                at + 1
            }
            name if is_name(name)
                && token(at + 1) == "::"
                && (at == 0 || token(at - 1) != "::") =>
            {
                let mut names = vec![name.to_owned()];
                let mut at = at + 1;
                while token(at) == "::" && is_name(token(at + 1)) {
                    names.push(token(at + 1).to_owned());
                    at += 2;
                }
                self.inline.push(names);
                at.max(1)
            }
            _ => at + 1,
        }
    }
}

/// The files of one crate by their place in it (`["dialect", "plan"]`).
struct Modules(BTreeMap<Names, Module>);

impl Modules {
    fn of(root: &str) -> Modules {
        let mut modules = Modules(BTreeMap::new());
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut open = vec![(Vec::new(), root.to_owned(), folder.to_owned())];
        while let Some((place, path, folder)) = open.pop() {
            let text = std::fs::read_to_string(absolute(&path))
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            let text = Text {
                path: path.clone(),
                text,
            };
            let lines: Vec<&str> = text.product_lines().map(|(_, line)| line).collect();
            let module = Module::read(&path, &lines.join("\n"));
            for child in &module.children {
                let mut below: Names = place.clone();
                below.push(child.clone());
                open.push((
                    below,
                    format!("{folder}/{child}.rs"),
                    format!("{folder}/{child}"),
                ));
            }
            modules.0.insert(place, module);
        }
        modules
    }

    /// The place that has what `names` says, seen from the file at `from`.
    fn owner(&self, from: &Names, names: &[String], depth: usize) -> Option<Names> {
        let (first, mut rest) = names.split_first()?;
        let here = &self.0[from];
        let mut place = from.clone();
        match first.as_str() {
            "crate" => place.clear(),
            "self" => {}
            "super" => {
                place.pop()?;
            }
            child if here.children.contains(child) => place.push(child.to_owned()),
            known_as => {
                // A name that a `use` brought here, if it stands for a file.
                let named = here.uses.iter().find(|u| u.known_as == known_as)?;
                if depth == 0 || rest.is_empty() || named.names == names {
                    return None;
                }
                let whole: Names = named.names.iter().chain(rest).cloned().collect();
                return self.owner(from, &whole, depth - 1);
            }
        }
        while let Some((next, after)) = rest.split_first() {
            if next == "super" {
                place.pop()?;
            } else if self.0[&place].children.contains(next) {
                place.push(next.clone());
            } else {
                return Some(self.handed_on(&place, rest, depth).unwrap_or(place));
            }
            rest = after;
        }
        Some(place)
    }

    /// Where `place` only hands `rest` on: the place that has it.
    fn handed_on(&self, place: &Names, rest: &[String], depth: usize) -> Option<Names> {
        let module = &self.0[place];
        if depth == 0 || module.items.contains(&rest[0]) {
            return None;
        }
        let by_name = |u: &&Use| u.known_as == rest[0];
        if let Some(named) = module.uses.iter().find(by_name) {
            let whole: Names = named.names.iter().chain(&rest[1..]).cloned().collect();
            return self.owner(place, &whole, depth - 1);
        }
        let globs = module
            .uses
            .iter()
            .filter(|u| u.handed_on && u.known_as == "*");
        globs
            .filter_map(|u| self.owner(place, &u.names, depth - 1))
            .find(|below| self.0[below].items.contains(&rest[0]))
    }

    /// Which file imports which, with a path that says so.
    fn arrows(&self) -> BTreeMap<&Names, BTreeMap<Names, String>> {
        let mut arrows: BTreeMap<&Names, BTreeMap<Names, String>> = BTreeMap::new();
        for (from, module) in &self.0 {
            let to = arrows.entry(from).or_default();
            let used = module
                .uses
                .iter()
                .filter(|u| !u.handed_on)
                .map(|u| &u.names);
            for names in used.chain(&module.inline) {
                if let Some(place) = self.owner(from, names, 8)
                    && !from.starts_with(&place)
                {
                    to.entry(place).or_insert_with(|| names.join("::"));
                }
            }
        }
        arrows
    }

    /// Arrows that lie on a circle, as lines to read.
    fn circles(&self) -> Vec<String> {
        let arrows = self.arrows();
        let reach = |start: &Names| {
            let mut seen = BTreeSet::new();
            let mut open = vec![start];
            while let Some(place) = open.pop() {
                let unseen = arrows[place].keys().filter(|next| !seen.contains(*next));
                let unseen: Vec<&Names> = unseen.collect();
                seen.extend(unseen.iter().copied());
                open.extend(unseen);
            }
            seen
        };
        let reached: BTreeMap<&Names, BTreeSet<&Names>> =
            self.0.keys().map(|place| (place, reach(place))).collect();
        let mut lines = Vec::new();
        for (from, to) in &arrows {
            for (place, path) in to.iter().filter(|(place, _)| reached[place].contains(from)) {
                let (from, to) = (&self.0[*from].path, &self.0[place].path);
                lines.push(format!("{from} -> {to} by {path}"));
            }
        }
        lines
    }
}

#[test]
fn no_file_imports_what_imports_it() {
    let mut problems = Vec::new();
    let mut files = 0;
    for root in ROOTS {
        let modules = Modules::of(root);
        files += modules.0.len();
        problems.extend(modules.circles());
    }
    assert!(files > 250, "only {files} files were found");
    none(
        &problems,
        "move what both need to a file of its own, or hand it in as an argument",
    );
}

#[test]
fn a_circle_is_found_by_use_by_a_path_and_through_what_is_handed_on() {
    let files = [
        ("", "mod a; mod b; mod c;"),
        (
            "a",
            "mod x; pub use x::X; use crate::b::{self, B as C}; // use crate::c::D;",
        ),
        (
            "a::x",
            "pub struct X; impl super::Y for X {} const T: &str = \"crate::c::D\";",
        ),
        ("b", "fn f<'a>(x: &'a str) -> crate::a::X { 'c' }"),
        ("c", "use super::b; fn g() { b::f() }"),
    ];
    let module = |(place, code): (&str, &str)| {
        let names = place.split("::").filter(|name| !name.is_empty());
        let names: Names = names.map(str::to_owned).collect();
        (names, Module::read(place, code))
    };
    let arrows = |files: &[(&str, &str)]| {
        let modules = Modules(files.iter().copied().map(module).collect());
        modules.circles()
    };
    assert_eq!(arrows(&files), Vec::<String>::new());
    let mut knotted = files;
    knotted[2].1 = "use crate::b as other; pub struct X(other::B);";
    assert_eq!(
        arrows(&knotted),
        ["a::x -> b by crate::b", "b -> a::x by crate::a::X"]
    );
}
