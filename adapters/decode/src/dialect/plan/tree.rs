//! The tree of paths that a dialect names: a document is walked through it tag by tag. Refuses to know
//! what becomes of a text.

use super::Slot;
use std::collections::HashMap;
use tongcha_schema::short::same;

/// What happens where a node of the path tree begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// A case.
    Case,
    /// A row of that scope.
    Row(u32),
}

/// One node of the path tree.
#[derive(Debug, Default)]
pub(crate) struct Node {
    children: HashMap<Box<str>, u32>,
    /// Children in the order of the dialect: the next one is tried first.
    order: Vec<(Box<str>, u32)>,
    /// Begins a case or a row.
    pub open: Option<Open>,
    /// Its text fills these slots.
    pub slots: Vec<Slot>,
    /// Its attributes that fill slots, by their names as written.
    pub attributes: Vec<(Box<str>, Slot)>,
}

/// So many names are compared one by one more quickly than hashed.
const FEW: usize = 24;

/// The path tree; node 0 stands above the root element.
#[derive(Debug)]
pub(crate) struct Tree(pub Vec<Node>);

impl Tree {
    /// The child of that local name. `hint` remembers where the last child stood: documents keep the
    /// order of their writer, so the guess mostly holds and no hash is taken.
    pub fn child(&self, parent: u32, name: &str, hint: &mut u32) -> Option<u32> {
        let node = self.0.get(parent as usize)?;
        if let Some((next, id)) = node.order.get(*hint as usize)
            && same(next.as_bytes(), name.as_bytes())
        {
            *hint += 1;
            return Some(*id);
        }
        if node.order.len() > FEW && !node.children.contains_key(name) {
            return None;
        }
        let is = |(n, _): &(Box<str>, u32)| same(n.as_bytes(), name.as_bytes());
        let at = node.order.iter().position(is)?;
        *hint = u32::try_from(at + 1).unwrap_or(0);
        node.order.get(at).map(|(_, id)| *id)
    }

    /// Local names of the children, in the order of the dialect.
    pub fn children(&self, parent: u32) -> Vec<&str> {
        let node = self.0.get(parent as usize);
        node.into_iter()
            .flat_map(|n| n.order.iter().map(|(name, _)| &**name))
            .collect()
    }

    /// The path of a node as a dialect writes it: below the case, or from the root for what stands above.
    pub fn path(&self, node: u32) -> String {
        let mut names = Vec::new();
        let mut at = node;
        while self.0[at as usize].open != Some(Open::Case) {
            let above = (0_u32..).zip(&self.0).find_map(|(parent, n)| {
                let (name, _) = n.order.iter().find(|(_, id)| *id == at)?;
                Some((parent, name))
            });
            let Some((parent, name)) = above else { break };
            names.push(&**name);
            at = parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The child of that name, made where there is none.
    pub fn grow(&mut self, parent: u32, name: &str) -> u32 {
        let known = self.0[parent as usize].children.get(name).copied();
        known.unwrap_or_else(|| {
            let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            self.0.push(Node::default());
            self.link(parent, name, id);
            id
        })
    }

    /// Makes a node reachable under a name.
    pub fn link(&mut self, parent: u32, name: &str, id: u32) {
        let node = &mut self.0[parent as usize];
        if node.children.insert(name.into(), id).is_none() {
            node.order.push((name.into(), id));
        }
    }
}
