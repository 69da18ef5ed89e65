//! Walks a look-up path from an entity over its fields and relations.

use super::Reached;
use super::joins::{Joins, ROOT};
use super::sort::Sort;
use crate::{Computed, Error, Field, Kind, Meta, Relation, Result};

/// Where a path ends: an expression, what it holds, and what is left of the path.
#[derive(Debug)]
pub(super) struct Place<'p> {
    pub(super) node: usize,
    /// The column, unless it is computed.
    pub(super) column: Option<&'static str>,
    pub(super) text: String,
    pub(super) sort: Sort,
    pub(super) kind: Kind,
    /// Name of the field in messages.
    pub(super) name: &'static str,
    pub(super) rest: Option<&'p str>,
}

/// A row on the way.
#[derive(Clone, Copy)]
struct Row {
    node: usize,
    meta: &'static Meta,
}

/// A reference whose row is not joined yet: its id alone needs no join.
struct Pending {
    column: &'static str,
    to: &'static Meta,
    sort: Sort,
    optional: bool,
}

enum Step {
    Field(&'static Field),
    Relation(&'static Relation),
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Field(field) => field.name,
            Self::Relation(relation) => relation.name(),
        }
    }
}

/// Resolves paths, joining what they need.
pub(super) struct Resolver<'c> {
    pub(super) root: &'static Meta,
    pub(super) joins: &'c mut Joins,
    /// Result columns of the statement; computed ones among them may be named by conditions.
    pub(super) columns: &'static [&'static str],
    /// Where to note the foreign entities that are looked into.
    pub(super) reached: Option<&'c mut Vec<Reached>>,
    /// True if secret fields may be named.
    pub(super) trusted: bool,
}

impl Resolver<'_> {
    /// A result column: a field, a relation, or a computed column of any entity on the way.
    pub(super) fn column<'p>(&mut self, path: &'p str) -> Result<Place<'p>> {
        if let Some(found) = self
            .root
            .computed
            .iter()
            .find(|computed| computed.name == path)
        {
            return self.computed(self.top(), found, None);
        }
        self.walk(self.top(), path, true)
    }

    /// The left side of a condition.
    pub(super) fn condition<'p>(&mut self, path: &'p str) -> Result<Place<'p>> {
        for computed in queried(self.root, self.columns) {
            if let Some(rest) = path.strip_prefix(computed.name) {
                if rest.is_empty() {
                    return self.computed(self.top(), computed, None);
                } else if let Some(rest) = rest.strip_prefix("__") {
                    return self.computed(self.top(), computed, Some(rest));
                }
            }
        }
        self.walk(self.top(), path, false)
    }

    fn top(&self) -> Row {
        Row {
            node: ROOT,
            meta: self.root,
        }
    }

    fn walk<'p>(&mut self, start: Row, path: &'p str, computed: bool) -> Result<Place<'p>> {
        let (mut row, mut pending, mut sort) = (start, None::<Pending>, Sort::Key);
        let mut rest = Some(path);
        // The entity behind a to-many relation: even without a field of it, its rows matter.
        let mut landing = None;
        while let Some(text) = rest {
            let (segment, after) = text
                .split_once("__")
                .map_or((text, None), |(first, rest)| (first, Some(rest)));
            let meta = pending.as_ref().map_or(row.meta, |reference| reference.to);
            let Some(step) = self.step(meta, segment) else {
                if computed && let Some(found) = find_computed(meta, segment) {
                    let row = self.enter(row, pending.as_ref())?;
                    return self.computed(row, found, after);
                }
                if text.len() == path.len() {
                    return Err(unknown(meta, segment, self.columns));
                }
                break;
            };
            if let (Some(reference), Step::Field(field)) = (&pending, &step)
                && std::ptr::eq(*field, meta.key())
            {
                self.reach(landing.take(), field.name);
                return Ok(place(row.node, reference.column, Sort::Key, field, after));
            }
            if text.len() != path.len() {
                landing = None;
                self.reach(Some(meta), step.name());
            }
            row = self.enter(row, pending.take().as_ref())?;
            match step {
                Step::Field(field) => {
                    let Kind::Fk(to) = field.kind else {
                        let sort = Sort::of(row.meta, field);
                        return Ok(place(row.node, field.column, sort, field, after));
                    };
                    pending = Some(Pending {
                        column: field.column,
                        to: to(),
                        sort: Sort::reference(row.meta, field),
                        optional: field.null,
                    });
                }
                Step::Relation(Relation::Many {
                    to,
                    through,
                    near,
                    far,
                    ..
                }) => {
                    let key = row.meta.key().column;
                    row.node = self.joins.join(row.node, key, through, near, true, true)?;
                    let (to, sort) = (to(), Sort::Reference);
                    pending = Some(Pending {
                        column: far,
                        to,
                        sort,
                        optional: false,
                    });
                    landing = Some(to);
                }
                Step::Relation(Relation::Back { from, column, .. }) => {
                    let (key, from) = (row.meta.key().column, from());
                    let node = self
                        .joins
                        .join(row.node, key, from.table, column, true, true)?;
                    (row, sort) = (Row { node, meta: from }, Sort::Reverse);
                    landing = Some(from);
                }
                Step::Relation(Relation::Same { to, .. }) => {
                    (row.meta, sort) = (to(), Sort::ReverseOne);
                }
            }
            rest = after;
        }
        let (column, to, sort) = match pending {
            Some(reference) => (reference.column, reference.to, reference.sort),
            None => (row.meta.key().column, row.meta, sort),
        };
        self.reach(landing, to.key().name);
        Ok(place(row.node, column, sort, to.key(), rest))
    }

    fn reach(&mut self, entity: Option<&'static Meta>, field: &'static str) {
        if let (Some(reached), Some(entity)) = (&mut self.reached, entity) {
            reached.push(Reached { entity, field });
        }
    }

    /// Joins the row that a reference points to.
    fn enter(&mut self, row: Row, pending: Option<&Pending>) -> Result<Row> {
        let Some(Pending {
            column,
            to,
            optional,
            ..
        }) = pending
        else {
            return Ok(row);
        };
        let key = to.key().column;
        let node = self
            .joins
            .join(row.node, column, to.table, key, *optional, false)?;
        Ok(Row { node, meta: to })
    }

    fn step(&self, meta: &'static Meta, name: &str) -> Option<Step> {
        if name == "pk" {
            return Some(Step::Field(meta.key()));
        }
        let reference = name.strip_suffix("_id");
        let names = |field: &&Field| {
            (field.open || self.trusted)
                && (field.name == name || (field.is_reference() && reference == Some(field.name)))
        };
        if let Some(field) = meta.fields.iter().find(names) {
            return Some(Step::Field(field));
        }
        meta.relations
            .iter()
            .find(|relation| relation.name() == name)
            .map(Step::Relation)
    }

    fn computed<'p>(
        &mut self,
        row: Row,
        computed: &'static Computed,
        rest: Option<&'p str>,
    ) -> Result<Place<'p>> {
        let mut text = String::with_capacity(computed.sql.len() + 32);
        text.push('(');
        let mut left = computed.sql;
        while let Some((before, after)) = left.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            text.push_str(before);
            if name == "t" {
                Joins::push_alias(&mut text, row.node);
                text.pop();
            } else {
                let path = name
                    .parse()
                    .ok()
                    .and_then(|index: usize| computed.paths.get(index));
                let path = path.ok_or_else(|| {
                    Error::type_error(format!(
                        "{}.{}: no path {name}",
                        row.meta.name, computed.name
                    ))
                })?;
                text.push_str(&self.walk(row, path, false)?.text);
            }
            left = after;
        }
        text.push_str(left);
        text.push(')');
        let (node, name, kind) = (row.node, computed.name, computed.kind);
        Ok(Place {
            node,
            column: None,
            text,
            sort: Sort::of_kind(kind),
            kind,
            name,
            rest,
        })
    }
}

fn place<'p>(
    node: usize,
    column: &'static str,
    sort: Sort,
    field: &'static Field,
    rest: Option<&'p str>,
) -> Place<'p> {
    let mut text = String::with_capacity(column.len() + 4);
    Joins::push_alias(&mut text, node);
    text.push_str(column);
    Place {
        node,
        column: Some(column),
        text,
        sort,
        kind: field.kind,
        name: field.name,
        rest,
    }
}

fn find_computed(meta: &'static Meta, name: &str) -> Option<&'static Computed> {
    meta.computed.iter().find(|computed| computed.name == name)
}

/// The computed columns that conditions may name.
fn queried(
    meta: &'static Meta,
    columns: &'static [&'static str],
) -> impl Iterator<Item = &'static Computed> {
    meta.computed
        .iter()
        .filter(|computed| computed.queried && columns.contains(&computed.name))
}

fn unknown(meta: &'static Meta, name: &str, columns: &'static [&'static str]) -> Error {
    let mut choices: Vec<String> = vec![];
    for field in meta.fields.iter().filter(|field| field.open) {
        choices.push(field.name.to_owned());
        if field.is_reference() {
            choices.push(format!("{}_id", field.name));
        }
    }
    choices.extend(
        meta.relations
            .iter()
            .map(|relation| relation.name().to_owned()),
    );
    choices.extend(queried(meta, columns).map(|computed| computed.name.to_owned()));
    choices.sort_unstable();
    let choices = choices.join(", ");
    Error::invalid(format!(
        "Cannot resolve keyword '{name}' into field. Choices are: {choices}"
    ))
}
