//! What a settings file in Python assigns, as far as that is literal. Nothing is executed.

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::{Expr, Number, Operator, Stmt, UnaryOp};
use rustpython_ruff_python_parser::parse_module;
use rustpython_ruff_text_size::Ranged;

/// A value that is written down.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Whole(i64),
    Fraction(f64),
    Switch(bool),
    Nothing,
    List(Vec<Self>),
    Dictionary(Vec<(String, Self)>),
    /// An environment variable, and what is taken without it.
    Variable(String, Option<Box<Self>>),
}

/// What becomes of a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// It gets this value.
    Set(Literal),
    /// These items are added to what the product has.
    Append(Vec<Literal>),
}

/// A name, where it was last touched, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assigned {
    pub(super) line: usize,
    pub(super) change: Change,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) assigned: BTreeMap<String, Assigned>,
    /// Lines that are more than a literal, and what they are.
    pub(super) not_translated: Vec<(usize, String)>,
}

/// Reads a file; an error when it is not Python.
pub(super) fn read(source: &str) -> Result<Read, String> {
    let line = |offset: usize| {
        let before = source.get(..offset).unwrap_or_default();
        1 + before.matches('\n').count()
    };
    let module = parse_module(source).map_err(|error| {
        format!(
            "line {}: {}",
            line(error.location.start().to_usize()),
            error.error
        )
    })?;
    let mut read = Read::default();
    for statement in &module.syntax().body {
        let line = line(statement.range().start().to_usize());
        if let Err(what) = read.take(statement, line) {
            read.not_translated.push((line, what));
        }
    }
    Ok(read)
}

impl Read {
    fn take(&mut self, statement: &Stmt, line: usize) -> Result<(), String> {
        match statement {
            // by itself an import sets nothing
            Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Pass(_) => Ok(()),
            Stmt::Assign(assign) => {
                let value = self.literal(&assign.value).map_err(|why| {
                    let names: Vec<String> = assign.targets.iter().filter_map(root).collect();
                    format!("{}: {why}", names.join(", "))
                })?;
                for target in &assign.targets {
                    self.assign(target, value.clone(), line)?;
                }
                Ok(())
            }
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => {
                    let value = self.literal(value)?;
                    self.assign(&assign.target, value, line)
                }
                None => Ok(()),
            },
            Stmt::AugAssign(assign) if assign.op == Operator::Add => {
                let Expr::Name(name) = &*assign.target else {
                    return Err("an addition to a part of a value".to_owned());
                };
                let value = self.literal(&assign.value)?;
                self.add(name.id.as_str(), value, None, line)
            }
            Stmt::Expr(expression) => match &*expression.value {
                // a description
                Expr::StringLiteral(_) => Ok(()),
                Expr::Call(call) => {
                    let Expr::Attribute(method) = &*call.func else {
                        return Err("a call".to_owned());
                    };
                    let (Expr::Name(name), true) =
                        (&*method.value, call.arguments.keywords.is_empty())
                    else {
                        return Err("a call".to_owned());
                    };
                    let values = call.arguments.args.iter().map(|value| self.literal(value));
                    let values = values.collect::<Result<Vec<_>, _>>()?;
                    let name = name.id.as_str();
                    match (method.attr.as_str(), values.as_slice()) {
                        ("append", [item]) => {
                            self.add(name, Literal::List(vec![item.clone()]), None, line)
                        }
                        ("extend", [items]) => self.add(name, items.clone(), None, line),
                        ("insert", [Literal::Whole(at), item]) => {
                            let at = usize::try_from(*at).ok();
                            self.add(name, Literal::List(vec![item.clone()]), at, line)
                        }
                        (other, _) => Err(format!("{name}: a call of {other}")),
                    }
                }
                _ => Err("an expression".to_owned()),
            },
            Stmt::If(_) => Err("a condition".to_owned()),
            Stmt::Try(_) => Err("an attempt (try)".to_owned()),
            Stmt::For(_) | Stmt::While(_) => Err("a loop".to_owned()),
            Stmt::FunctionDef(function) => Err(format!("the function {}", function.name)),
            Stmt::ClassDef(class) => Err(format!("the class {}", class.name)),
            _ => Err("a statement".to_owned()),
        }
    }

    fn assign(&mut self, target: &Expr, value: Literal, line: usize) -> Result<(), String> {
        match target {
            Expr::Name(name) => {
                let change = Change::Set(value);
                self.assigned
                    .insert(name.id.to_string(), Assigned { line, change });
                Ok(())
            }
            Expr::Subscript(_) => {
                let (name, keys) = path(target)?;
                let assigned = self.assigned.entry(name.clone()).or_insert(Assigned {
                    line,
                    change: Change::Set(Literal::Dictionary(Vec::new())),
                });
                assigned.line = line;
                match &mut assigned.change {
                    Change::Set(whole) => put(whole, &keys, value),
                    Change::Append(_) => None,
                }
                .ok_or_else(|| format!("{name}: a part of what is no dictionary"))
            }
            _ => Err("an assignment to several names or to an attribute".to_owned()),
        }
    }

    /// Adds to a value; `at` is the place in a list, the end without it.
    fn add(
        &mut self,
        name: &str,
        value: Literal,
        at: Option<usize>,
        line: usize,
    ) -> Result<(), String> {
        let Some(assigned) = self.assigned.get_mut(name) else {
            let Literal::List(items) = value else {
                return Err(format!("{name}: an addition to a value of the product"));
            };
            let change = Change::Append(items);
            self.assigned
                .insert(name.to_owned(), Assigned { line, change });
            return Ok(());
        };
        assigned.line = line;
        match (&mut assigned.change, value) {
            (Change::Set(Literal::List(all)) | Change::Append(all), Literal::List(items)) => {
                let at = at.unwrap_or(all.len()).min(all.len());
                all.splice(at..at, items);
                Ok(())
            }
            (Change::Set(Literal::Text(text)), Literal::Text(more)) => {
                text.push_str(&more);
                Ok(())
            }
            _ => Err(format!("{name}: an addition of different kinds")),
        }
    }

    fn literal(&self, expression: &Expr) -> Result<Literal, String> {
        Ok(match expression {
            Expr::StringLiteral(text) => Literal::Text(text.value.to_str().to_owned()),
            Expr::BooleanLiteral(switch) => Literal::Switch(switch.value),
            Expr::NoneLiteral(_) => Literal::Nothing,
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(whole) => Literal::Whole(
                    whole
                        .as_i64()
                        .ok_or_else(|| "a number that is too large".to_owned())?,
                ),
                Number::Float(fraction) => Literal::Fraction(*fraction),
                Number::Complex { .. } => return Err("a complex number".to_owned()),
            },
            Expr::UnaryOp(operation) if operation.op == UnaryOp::USub => {
                match self.literal(&operation.operand)? {
                    Literal::Whole(number) => Literal::Whole(-number),
                    Literal::Fraction(number) => Literal::Fraction(-number),
                    _ => return Err("a calculation".to_owned()),
                }
            }
            Expr::BinOp(operation) => {
                let sides = (
                    self.literal(&operation.left)?,
                    self.literal(&operation.right)?,
                );
                let (Literal::Whole(left), Literal::Whole(right)) = sides else {
                    return Err("a calculation".to_owned());
                };
                let result = match operation.op {
                    Operator::Mult => left.checked_mul(right),
                    Operator::Add => left.checked_add(right),
                    _ => None,
                };
                Literal::Whole(result.ok_or_else(|| "a calculation".to_owned())?)
            }
            Expr::List(list) => self.list(&list.elts)?,
            Expr::Tuple(list) => self.list(&list.elts)?,
            Expr::Set(list) => self.list(&list.elts)?,
            Expr::Dict(dictionary) => {
                let mut entries = Vec::new();
                for item in &dictionary.items {
                    let Some(Expr::StringLiteral(key)) = &item.key else {
                        return Err("a dictionary whose keys are not texts".to_owned());
                    };
                    entries.push((key.value.to_str().to_owned(), self.literal(&item.value)?));
                }
                Literal::Dictionary(entries)
            }
            Expr::Name(name) => match self.assigned.get(name.id.as_str()) {
                Some(Assigned {
                    change: Change::Set(value),
                    ..
                }) => value.clone(),
                _ => return Err(format!("the name {}", name.id)),
            },
            Expr::Subscript(subscript) if dotted(&subscript.value) == "os.environ" => {
                match &*subscript.slice {
                    Expr::StringLiteral(name) => {
                        Literal::Variable(name.value.to_str().to_owned(), None)
                    }
                    _ => return Err("a variable whose name is not written down".to_owned()),
                }
            }
            Expr::Call(call)
                if matches!(dotted(&call.func).as_str(), "os.environ.get" | "os.getenv") =>
            {
                let arguments: Vec<Literal> = call
                    .arguments
                    .args
                    .iter()
                    .map(|argument| self.literal(argument))
                    .collect::<Result<_, _>>()?;
                match arguments.as_slice() {
                    [Literal::Text(name)] => Literal::Variable(name.clone(), None),
                    [Literal::Text(name), default] => {
                        Literal::Variable(name.clone(), Some(Box::new(default.clone())))
                    }
                    _ => return Err("a variable whose name is not written down".to_owned()),
                }
            }
            Expr::Call(_) => return Err("a call".to_owned()),
            Expr::FString(_) => return Err("a text with parts to fill in".to_owned()),
            _ => return Err("an expression".to_owned()),
        })
    }

    fn list(&self, items: &[Expr]) -> Result<Literal, String> {
        let items = items.iter().map(|item| self.literal(item));
        items.collect::<Result<_, _>>().map(Literal::List)
    }
}

/// The name that an assignment is about.
fn root(target: &Expr) -> Option<String> {
    match target {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Subscript(subscript) => root(&subscript.value),
        _ => None,
    }
}

/// `X["a"]["b"]` as a name and keys.
fn path(target: &Expr) -> Result<(String, Vec<String>), String> {
    match target {
        Expr::Name(name) => Ok((name.id.to_string(), Vec::new())),
        Expr::Subscript(subscript) => {
            let (name, mut keys) = path(&subscript.value)?;
            let Expr::StringLiteral(key) = &*subscript.slice else {
                return Err(format!("{name}: a part whose key is not a text"));
            };
            keys.push(key.value.to_str().to_owned());
            Ok((name, keys))
        }
        _ => Err("an assignment to an attribute".to_owned()),
    }
}

/// Puts a value into dictionaries within dictionaries; nothing if there is something else.
fn put(whole: &mut Literal, keys: &[String], value: Literal) -> Option<()> {
    let Some((key, rest)) = keys.split_first() else {
        *whole = value;
        return Some(());
    };
    let Literal::Dictionary(entries) = whole else {
        return None;
    };
    let at = entries.iter().position(|(name, _)| name == key);
    let at = at.unwrap_or_else(|| {
        entries.push((key.clone(), Literal::Dictionary(Vec::new())));
        entries.len() - 1
    });
    put(&mut entries[at].1, rest, value)
}

/// `a.b.c` as text; empty for anything else.
fn dotted(expression: &Expr) -> String {
    match expression {
        Expr::Name(name) => name.id.to_string(),
        Expr::Attribute(attribute) => format!("{}.{}", dotted(&attribute.value), attribute.attr),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Literal, read};

    fn value(source: &str, name: &str) -> Change {
        let read = read(source).expect("it is Python");
        assert_eq!(read.not_translated, [], "{source}");
        read.assigned[name].change.clone()
    }

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn ops_095_literals_are_read() {
        for (source, expected) in [
            ("X = 'a' \"b\"", text("ab")),
            ("X = 5 * 1024 * 1024", Literal::Whole(5_242_880)),
            ("X = -1", Literal::Whole(-1)),
            ("X = 1.5", Literal::Fraction(1.5)),
            ("X = Y = True", Literal::Switch(true)),
            ("X: bool = False", Literal::Switch(false)),
            ("X = None", Literal::Nothing),
            ("Y = 'a'\nX = Y", text("a")),
            ("X = ('a',)\nX += ['b']\nX.append('c')\nX.insert(0, 'd')", {
                Literal::List(["d", "a", "b", "c"].map(text).to_vec())
            }),
            ("X = {'a': {'b': 1}}\nX['a']['c'] = 'd'", {
                let inner = vec![
                    ("b".to_owned(), Literal::Whole(1)),
                    ("c".to_owned(), text("d")),
                ];
                Literal::Dictionary(vec![("a".to_owned(), Literal::Dictionary(inner))])
            }),
            (
                "import os\nX = os.environ['N']",
                Literal::Variable("N".to_owned(), None),
            ),
            ("\"\"\"Doc.\"\"\"\nX = os.environ.get('N', 'd')", {
                Literal::Variable("N".to_owned(), Some(Box::new(text("d"))))
            }),
        ] {
            assert_eq!(value(source, "X"), Change::Set(expected), "{source}");
        }
        let appended = Change::Append(vec![text("a"), text("b")]);
        assert_eq!(value("X += ['a']\nX.append('b')", "X"), appended);
    }

    #[test]
    fn ops_095_programs_are_named_and_not_run() {
        let source = "A = open('/etc/passwd').read()\n\nif True:\n    B = 1\ndef f():\n    pass\n\
                      C = f'{A}'\nD.update({})\nE = 'kept'\nX.y = 1\n";
        let read = read(source).expect("it is Python");
        let told: Vec<(usize, &str)> = read
            .not_translated
            .iter()
            .map(|(line, what)| (*line, what.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (1, "A: a call"),
                (3, "a condition"),
                (5, "the function f"),
                (7, "C: a text with parts to fill in"),
                (8, "D: a call of update"),
                (10, "an assignment to several names or to an attribute"),
            ]
        );
        assert_eq!(read.assigned.len(), 1);
        assert!(
            super::read("X = = 1")
                .expect_err("no Python")
                .starts_with("line 1: ")
        );
    }
}
