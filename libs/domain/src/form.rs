//! The value language: what clients may send for a field, and what is stored (spec 02 §5).
//!
//! Everything follows from the [`Meta`] of the entity: which fields there are, their order, kind,
//! length and whether they may be empty. A method only says where it differs.

mod clean;
mod many;
mod user;

use entity::{Entity, Id, Kind, Map, Meta, Probe, Value, probe, python};

pub(crate) use many::apply_many;
pub use user::find as find_user;

use crate::{Ctx, Error, FieldErrors, Result};
use clean::Cleaned;

/// The message for a reference to something that may not be chosen.
pub const CHOICE: &str = "Select a valid choice. That choice is not one of the available choices.";
pub(crate) const REQUIRED: &str = "This field is required.";

/// Values of one call, and how its method differs from what the entity says.
pub struct Form<'a> {
    values: &'a Map,
    updating: bool,
    skipped: &'a [&'a str],
    users: &'a [&'a str],
    order: &'a [&'a str],
    late: &'a [&'a str],
    limits: Vec<(&'a str, &'static str, Vec<Value>)>,
    extra: FieldErrors,
}

impl<'a> Form<'a> {
    /// A form in which a missing value is an empty one.
    pub fn create(values: &'a Map) -> Self {
        Self {
            values,
            updating: false,
            skipped: &[],
            users: &[],
            order: &[],
            late: &[],
            limits: vec![],
            extra: FieldErrors::default(),
        }
    }

    /// A form in which a missing value leaves the field as it is, and nothing is required.
    pub fn update(values: &'a Map) -> Self {
        Self {
            updating: true,
            ..Self::create(values)
        }
    }

    /// Fields that this method does not read.
    #[must_use]
    pub fn skip(mut self, fields: &'a [&'a str]) -> Self {
        self.skipped = fields;
        self
    }

    /// References to people that may be given as id, user name or address.
    #[must_use]
    pub fn users(mut self, fields: &'a [&'a str]) -> Self {
        self.users = fields;
        self
    }

    /// Fields that come first in the messages, where the order is not that of the entity.
    #[must_use]
    pub fn first(mut self, fields: &'a [&'a str]) -> Self {
        self.order = fields;
        self
    }

    /// Fields that come last in the messages.
    #[must_use]
    pub fn last(mut self, fields: &'a [&'a str]) -> Self {
        self.late = fields;
        self
    }

    /// Limits what a reference may point to; each `$` stands for the next value.
    #[must_use]
    pub fn limit(mut self, field: &'a str, condition: &'static str, values: Vec<Value>) -> Self {
        self.limits.push((field, condition, values));
        self
    }

    /// Adds a message that the method has found itself.
    #[must_use]
    pub fn error(mut self, field: &str, message: impl Into<String>) -> Self {
        self.extra.add(field, message);
        self
    }

    /// Checks everything with one statement and puts the values into the row.
    pub async fn apply<E: Entity>(self, ctx: &mut Ctx, row: &mut E) -> Result<()> {
        let draft = self.read(ctx, row)?;
        let answers = probe(ctx.conn(), &draft.probes).await?;
        draft.finish(row, &answers)
    }

    /// Checks what can be checked without the database and puts it into the row.
    fn read<E: Entity>(self, ctx: &Ctx, row: &mut E) -> Result<Draft<'a>> {
        let meta = E::META;
        let mut errors = FieldErrors::default();
        let mut null = None;
        let mut questions: Vec<(usize, Question)> = vec![];
        let mut probes = vec![];

        for index in self.fields(meta) {
            let field = &meta.fields[index];
            let value = match self.values.get(field.name) {
                Some(value) => value,
                None if self.updating => continue,
                None => &Value::Null,
            };
            if self.users.contains(&field.name) {
                match user::read(value)? {
                    user::Meant::Nobody if field.null || self.updating => {
                        match Self::empty(meta, index) {
                            Ok(value) => row.set(index, value)?,
                            Err(error) => null = null.or(Some(error)),
                        }
                    }
                    user::Meant::Nobody | user::Meant::Blank => {
                        errors.add(field.name, user::REQUIRED);
                    }
                    meant => {
                        probes.push(user::probe_for(&meant));
                        questions.push((index, Question::User(meant)));
                    }
                }
                continue;
            }
            match clean::clean(field, value, self.updating, ctx.now)? {
                Cleaned::Value(value) => row.set(index, value)?,
                Cleaned::Empty => match Self::empty(meta, index) {
                    Ok(value) => row.set(index, value)?,
                    Err(error) => null = null.or(Some(error)),
                },
                Cleaned::Wrong(messages) => {
                    for message in messages {
                        errors.add(field.name, message);
                    }
                }
                Cleaned::Reference(id) => {
                    probes.push(self.reference(meta, index, id));
                    questions.push((index, Question::Reference(id)));
                }
            }
        }

        let uniques = self.uniques(meta, &errors);
        probes.extend(
            uniques
                .iter()
                .filter_map(|unique| Self::unique_probe(row, &questions, unique)),
        );
        Ok(Draft {
            form: self,
            errors,
            null,
            questions,
            uniques,
            probes,
        })
    }

    fn order_of_names(&self, meta: &'static Meta) -> Vec<&str> {
        let moved = |name: &&str| self.order.contains(name) || self.late.contains(name);
        let rest = meta
            .fields
            .iter()
            .map(|field| field.name)
            .filter(|name| !moved(name));
        self.order
            .iter()
            .copied()
            .chain(rest)
            .chain(self.late.iter().copied())
            .collect()
    }

    fn fields(&self, meta: &'static Meta) -> Vec<usize> {
        let names = self.order_of_names(meta);
        let read = |name: &&str| *name != "id" && !self.skipped.contains(name);
        names
            .into_iter()
            .filter(read)
            .filter_map(|name| meta.field(name))
            .collect()
    }

    /// What an empty value of this field is stored as.
    fn empty(meta: &'static Meta, index: usize) -> Result<Value> {
        let field = &meta.fields[index];
        match field.kind {
            Kind::Text if !field.null || field.is_empty_text => Ok(Value::Text(String::new())),
            _ if field.null => Ok(Value::Null),
            _ => Err(Error::refused(format!(
                "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                field.column, meta.table
            ))),
        }
    }

    fn reference(&self, meta: &'static Meta, index: usize, id: i64) -> Probe {
        let field = &meta.fields[index];
        let Kind::Fk(target) = field.kind else {
            unreachable!("only references are looked up")
        };
        let mut probe = Probe::new(target()).equal("id", Value::Int(id));
        if target().table == "member" {
            probe = probe.and("is_authorised", vec![]);
        }
        for (name, condition, values) in &self.limits {
            if *name == field.name {
                probe = probe.and(condition, values.clone());
            }
        }
        probe
    }

    /// The uniqueness rules whose fields are given and valid so far.
    fn uniques(&self, meta: &'static Meta, errors: &FieldErrors) -> Vec<Unique> {
        let single = meta.fields.iter().filter(|field| field.is_unique);
        let single = single.map(|field| Unique {
            fields: vec![field.name],
        });
        let pairs = meta.unique.iter().map(|unique| Unique {
            fields: unique.fields.to_vec(),
        });
        let touched = |unique: &Unique| {
            !self.updating
                || unique
                    .fields
                    .iter()
                    .any(|name| self.values.contains_key(*name))
        };
        let valid = |unique: &Unique| unique.fields.iter().all(|name| !errors.has(name));
        single.chain(pairs).filter(touched).filter(valid).collect()
    }

    fn unique_probe<E: Entity>(
        row: &E,
        questions: &[(usize, Question)],
        unique: &Unique,
    ) -> Option<Probe> {
        let mut probe = Probe::new(E::META);
        for name in &unique.fields {
            let index = E::META.field(name)?;
            let asked = questions.iter().find(|(field, _)| *field == index);
            let value = match asked {
                Some((_, Question::Reference(id))) => Value::Int(*id),
                _ => row.value(index),
            };
            probe = probe.equal(E::META.fields[index].column, value);
        }
        Some(probe)
    }
}

/// A form whose values have been read, and what the database must be asked about them.
struct Draft<'a> {
    form: Form<'a>,
    errors: FieldErrors,
    /// What the database would say about the first empty column that may not be empty; it is asked
    /// when nothing else is wrong.
    null: Option<Error>,
    questions: Vec<(usize, Question)>,
    uniques: Vec<Unique>,
    /// One for each question, then one for each rule of uniqueness.
    probes: Vec<Probe>,
}

impl Draft<'_> {
    /// Puts what was asked for into the row, or says everything that is wrong.
    fn finish<E: Entity>(self, row: &mut E, answers: &[Vec<Id>]) -> Result<()> {
        let meta = E::META;
        let mut errors = self.errors;
        let (answers, taken) = answers.split_at(self.questions.len());
        for ((index, question), found) in self.questions.iter().zip(answers) {
            let name = meta.fields[*index].name;
            match question.answer(found)? {
                Ok(id) => row.set(*index, Value::Int(i64::from(id)))?,
                Err(message) => errors.add(name, message),
            }
        }
        let mut errors = in_order(errors, &self.form.order_of_names(meta));
        for (field, messages) in self.form.extra.0 {
            for message in messages {
                errors.add(&field, message);
            }
        }
        for (unique, found) in self.uniques.iter().zip(taken) {
            let valid = unique.fields.iter().all(|field| !errors.has(field));
            if valid && found.iter().any(|id| *id != row.id()) {
                errors.add(unique.reported_on(), unique.message(meta));
            }
        }
        errors.into_result()?;
        self.null.map_or(Ok(()), Err)
    }
}

/// Something that only the database can answer.
enum Question {
    Reference(i64),
    User(user::Meant),
}

impl Question {
    /// The id that was meant, or the message for the field.
    fn answer(&self, found: &[Id]) -> Result<std::result::Result<Id, String>> {
        match self {
            Self::Reference(_) => Ok(found.first().copied().ok_or_else(|| CHOICE.to_owned())),
            Self::User(meant) => user::answer(meant, found),
        }
    }
}

struct Unique {
    fields: Vec<&'static str>,
}

impl Unique {
    fn reported_on(&self) -> &'static str {
        if let [field] = self.fields.as_slice() {
            field
        } else {
            "__all__"
        }
    }

    fn message(&self, meta: &'static Meta) -> String {
        let labels: Vec<String> = self.fields.iter().map(|field| capitalise(field)).collect();
        format!(
            "{} with this {} already exists.",
            capitalise(meta.title),
            labels.join(" and ")
        )
    }
}

fn capitalise(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn in_order(errors: FieldErrors, names: &[&str]) -> FieldErrors {
    let mut pairs = errors.0;
    pairs.sort_by_key(|(name, _)| names.iter().position(|known| known == name));
    FieldErrors(pairs)
}

/// A primary key as clients send it: a number, or text that is one.
pub fn primary_key(value: &Value) -> Result<i64> {
    number(value, "id")
}

/// A number for the column of this name, the way look-ups read numbers.
pub fn number(value: &Value, field: &str) -> Result<i64> {
    let text = || {
        format!(
            "Field '{field}' expected a number but got {}.",
            python::repr(value)
        )
    };
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        Value::Float(number) if number.is_finite() => Ok(number.trunc() as i64),
        Value::Text(digits) => digits.trim().parse().map_err(|_| Error::refused(text())),
        Value::Float(_) => Err(Error::refused(text())),
        _ => Err(Error::Type(text())),
    }
}
