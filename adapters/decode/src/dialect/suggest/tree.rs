//! The tree of a sample in XML: names, attributes, texts. Refuses to judge the document.

use super::super::local;
use quick_xml::events::{BytesStart, Event};
use std::io;
use tongcha_schema::xml::{PositionedReader, Transcoder};

/// Nodes within one another that are looked at.
const DEPTH: usize = 64;

/// A node of the sample's tree.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Names of the children that hold more than a text, in order, each once.
    pub fn groups(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for child in self.children.iter().filter(|c| !c.is_leaf()) {
            if !names.contains(&child.name.as_str()) {
                names.push(&child.name);
            }
        }
        names
    }

    /// The one attribute that names the field of each child, where the children are such fields.
    pub fn naming(&self) -> Option<(String, String)> {
        let first = self.children.first()?;
        let [(attribute, _)] = first.attributes.as_slice() else {
            return None;
        };
        let like = |c: &Node| {
            let one = c.attributes.len() == 1 && c.attributes[0].0 == *attribute;
            c.is_leaf() && c.name == first.name && one
        };
        let all = self.children.len() > 1 && self.children.iter().all(like);
        all.then(|| (first.name.clone(), attribute.clone()))
    }
}

/// The tree of a document, as far as it can be read.
pub(super) fn tree(bytes: &[u8]) -> io::Result<Option<Node>> {
    let mut reader = PositionedReader::new(Transcoder::new(Box::new(bytes))?);
    reader.config_mut().check_end_names = false;
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    let mut below = 0_usize;
    while let Ok(placed) = reader.next() {
        match placed.event {
            Event::Start(_) if open.len() >= DEPTH => below += 1,
            Event::End(_) if below > 0 => below -= 1,
            Event::Start(tag) => open.push(node(&tag)),
            Event::Empty(tag) => close(node(&tag), &mut open, &mut root),
            Event::Text(text) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&text.xml10_content());
                }
            }
            Event::End(_) => {
                if let Some(node) = open.pop() {
                    close(node, &mut open, &mut root);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    // A sample that was cut off ends its open nodes.
    while let Some(node) = open.pop() {
        close(node, &mut open, &mut root);
    }
    Ok(root)
}

fn close(node: Node, open: &mut [Node], root: &mut Option<Node>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None => *root = Some(node),
    }
}

fn node(tag: &BytesStart<'_>) -> Node {
    let mut list = tag.attributes();
    let attributes = list.with_checks(false).flatten().map(|a| {
        let text = super::super::read_xml::unescaped(&a.value).into_owned();
        (local(a.key.as_ref()).to_owned(), text)
    });
    Node {
        name: local(tag.name().as_ref()).to_owned(),
        attributes: attributes.filter(|(n, _)| n != "xmlns").collect(),
        ..Node::default()
    }
}
