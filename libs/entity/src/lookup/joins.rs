//! The joins of one statement: one for each distinct way, shared by all who need it.

use super::bind::push_number;
use crate::{Error, Meta, Result};

/// Most joins of one statement; real queries have fewer than ten.
const MOST_JOINS: usize = 60;

/// A table of the statement. The first is the root, called `t`; the others are `j1`, `j2` …
#[derive(Debug)]
struct Node {
    parent: usize,
    table: &'static str,
    /// Column of the parent.
    left: &'static str,
    /// Column of this table.
    right: &'static str,
    /// There may be no row.
    optional: bool,
    /// There may be several rows.
    many: bool,
    /// A condition that fails without a row makes the join an inner one.
    needed: bool,
}

/// The tables of one statement.
#[derive(Debug)]
pub(super) struct Joins {
    root: &'static str,
    nodes: Vec<Node>,
}

/// The root of every statement.
pub(super) const ROOT: usize = 0;

impl Joins {
    pub(super) fn new(root: &'static Meta) -> Self {
        Self {
            root: root.table,
            nodes: Vec::with_capacity(8),
        }
    }

    fn node(&self, node: usize) -> Option<&Node> {
        node.checked_sub(1).and_then(|index| self.nodes.get(index))
    }

    /// The table joined by `right = parent.left`; the same one for the same way.
    pub(super) fn join(
        &mut self,
        parent: usize,
        left: &'static str,
        table: &'static str,
        right: &'static str,
        optional: bool,
        many: bool,
    ) -> Result<usize> {
        let same = |node: &Node| {
            node.parent == parent
                && node.table == table
                && node.left == left
                && node.right == right
                && node.many == many
        };
        if let Some(found) = self.nodes.iter().position(same) {
            return Ok(found + 1);
        }
        if self.nodes.len() == MOST_JOINS {
            return Err(Error::invalid(format!(
                "more than {MOST_JOINS} joins in a query"
            )));
        }
        self.nodes.push(Node {
            parent,
            table,
            left,
            right,
            optional,
            many,
            needed: false,
        });
        Ok(self.nodes.len())
    }

    /// True if the row that this column of the parent refers to is joined.
    pub(super) fn has(&self, parent: usize, left: Option<&str>, table: &str) -> bool {
        let same = |node: &Node| {
            node.parent == parent && Some(node.left) == left && node.table == table && !node.many
        };
        self.nodes.iter().any(same)
    }

    /// A condition does not hold unless there is a row: the way to it needs inner joins only.
    pub(super) fn need(&mut self, mut node: usize) {
        while let Some(index) = node.checked_sub(1) {
            let node_ = &mut self.nodes[index];
            node_.needed = true;
            node = node_.parent;
        }
    }

    /// True if some join may multiply the rows of the root.
    pub(super) fn many(&self) -> bool {
        self.nodes.iter().any(|node| node.many)
    }

    /// True if there may be several rows of this table for one of the root.
    pub(super) fn crosses_many(&self, mut node: usize) -> bool {
        while let Some(found) = self.node(node) {
            if found.many {
                return true;
            }
            node = found.parent;
        }
        false
    }

    /// Name of a table in the statement, and a dot.
    pub(super) fn push_alias(sql: &mut String, node: usize) {
        if node == ROOT {
            sql.push_str("t.");
        } else {
            sql.push('j');
            push_number(sql, node);
            sql.push('.');
        }
    }

    /// `FROM … JOIN …`
    pub(super) fn push(&self, sql: &mut String) {
        sql.push_str("\nFROM ");
        sql.push_str(self.root);
        sql.push_str(" t");
        for (index, node) in self.nodes.iter().enumerate() {
            sql.push_str(if self.is_outer(index + 1) {
                "\nLEFT JOIN "
            } else {
                "\nJOIN "
            });
            sql.push_str(node.table);
            sql.push_str(" j");
            push_number(sql, index + 1);
            sql.push_str(" ON ");
            Self::push_alias(sql, index + 1);
            sql.push_str(node.right);
            sql.push_str(" = ");
            Self::push_alias(sql, node.parent);
            sql.push_str(node.left);
        }
    }

    /// Without a need, a join is an outer one if its row or the one before it may be missing.
    fn is_outer(&self, node: usize) -> bool {
        self.node(node)
            .is_some_and(|found| !found.needed && (found.optional || self.is_outer(found.parent)))
    }
}
