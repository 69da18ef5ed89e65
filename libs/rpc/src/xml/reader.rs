//! From a `methodCall` document to values.
//!
//! Clients are sloppy, so this reader takes bare text for strings, white space around everything,
//! any namespace prefix and every spelling of numbers that was ever in use. It never expands
//! entities and refuses document types.

use std::borrow::Cow;

use entity::{Map, Value};
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};

use super::scalar;
use crate::{Fault, MAX_VALUES};

/// Levels of arrays and objects inside a parameter.
pub const MAX_DEPTH: usize = 64;

/// Levels of elements; each level of values has three, and a few are around them.
const MAX_OPEN: usize = 4 * MAX_DEPTH;

/// Elements that a value may have: those around it in an object or a list, and its type.
const PER_VALUE: usize = 4;
/// Elements that may be there besides, in what nobody reads.
const EXTRA: usize = 10_000;

const TOO_DEEP: &str = "nesting deeper than 64 levels";

/// A call as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodCall {
    /// Name of the method, without blanks around it.
    pub name: String,
    /// Parameters in order.
    pub params: Vec<Value>,
}

/// Reads a body.
pub fn read(text: &str) -> Result<MethodCall, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(text);
    reader.refuse_control_characters()?;
    let call = reader.document()?;
    match call.name {
        Some(name) if call.is_call && !name.is_empty() => Ok(MethodCall {
            name,
            params: call.params,
        }),
        None if !call.has_params => Err(no_response("")),
        _ => Err(Fault::request("Unable to find method name")),
    }
}

/// What a document holds.
struct Document {
    is_call: bool,
    name: Option<String>,
    has_params: bool,
    params: Vec<Value>,
}

fn no_response(detail: &str) -> Fault {
    Fault::request(format!("ResponseError({detail})"))
}

/// What matters of a document.
enum Token<'a> {
    Start(BytesStart<'a>),
    End,
    Text(Cow<'a, str>),
    Nothing,
}

struct Reader<'a> {
    text: &'a str,
    xml: quick_xml::Reader<&'a [u8]>,
    /// Elements that are open.
    open: usize,
    /// Values that were read.
    values: usize,
    /// Elements that were begun.
    elements: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut xml = quick_xml::Reader::from_str(text);
        xml.config_mut().expand_empty_elements = true;
        Self {
            text,
            xml,
            open: 0,
            values: 0,
            elements: 0,
        }
    }

    /// XML has no place for control characters, not even as references.
    fn refuse_control_characters(&self) -> Result<(), Fault> {
        let forbidden = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
        match self.text.bytes().position(forbidden) {
            Some(position) => Err(self.broken("not well-formed (invalid token)", position)),
            None => Ok(()),
        }
    }

    /// A fault with the position that readers of the original's messages know.
    fn broken(&self, what: &str, position: usize) -> Fault {
        let before = self
            .text
            .as_bytes()
            .get(..position)
            .unwrap_or(self.text.as_bytes());
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before
            .iter()
            .rev()
            .take_while(|byte| **byte != b'\n')
            .count();
        Fault::parse(format!("{what}: line {line}, column {column}"))
    }

    fn broken_here(&self, what: &str) -> Fault {
        self.broken(what, self.position())
    }

    fn position(&self) -> usize {
        usize::try_from(self.xml.buffer_position()).unwrap_or(self.text.len())
    }

    /// The next token; comments and instructions are skipped.
    fn next(&mut self) -> Result<Token<'a>, Fault> {
        loop {
            let event = self.xml.read_event().map_err(|error| {
                let position = usize::try_from(self.xml.error_position()).unwrap_or_default();
                self.broken(well_formed(&error), position)
            })?;
            return Ok(match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    self.open += 1;
                    if self.open > MAX_OPEN {
                        return Err(self.broken_here(TOO_DEEP));
                    }
                    self.elements += 1;
                    if self.elements > EXTRA + PER_VALUE * self.values {
                        return Err(self.broken_here("too many elements"));
                    }
                    Token::Start(tag)
                }
                Event::End(_) => {
                    self.open = self.open.saturating_sub(1);
                    Token::End
                }
                Event::Text(text) => Token::Text(text.xml10_content()),
                Event::CData(text) => Token::Text(text.xml10_content()),
                Event::GeneralRef(reference) => Token::Text(self.resolve(&reference)?),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
                Event::DocType(declaration) => return Err(refuse_document_type(&declaration)),
                Event::Eof => Token::Nothing,
            });
        }
    }

    /// The five entities that XML knows by itself, and numbers of characters.
    fn resolve(&self, reference: &quick_xml::events::BytesRef<'a>) -> Result<Cow<'a, str>, Fault> {
        let name: &str = reference;
        Ok(Cow::Borrowed(match name {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "apos" => "'",
            _ => {
                let character = reference.resolve_char_ref().ok().flatten();
                return match character.filter(|character| is_allowed(*character)) {
                    Some(character) => Ok(Cow::Owned(character.to_string())),
                    None if name.starts_with('#') => {
                        Err(self.broken_here("reference to invalid character number"))
                    }
                    None => Err(self.broken_here("undefined entity")),
                };
            }
        }))
    }

    /// The next token inside an element, which cannot be the end of the input.
    fn inside(&mut self) -> Result<Token<'a>, Fault> {
        match self.next()? {
            Token::Nothing => Err(self.broken_here("no element found")),
            token => Ok(token),
        }
    }

    fn document(&mut self) -> Result<Document, Fault> {
        let is_call = loop {
            match self.next()? {
                Token::Start(tag) => break local(&tag) == "methodCall",
                Token::Text(text) if is_blank(&text) => {}
                Token::Text(_) | Token::End => return Err(self.broken("syntax error", 0)),
                Token::Nothing => return Err(self.broken_here("no element found")),
            }
        };
        let mut document = Document {
            is_call,
            name: None,
            has_params: false,
            params: vec![],
        };
        loop {
            match self.inside()? {
                Token::Start(tag) => match local(&tag) {
                    "methodName" => document.name = Some(self.content()?.trim().to_owned()),
                    "params" => {
                        document.has_params = true;
                        self.params(&mut document.params)?;
                    }
                    other => {
                        document.has_params |= other == "fault";
                        self.skip()?;
                    }
                },
                Token::End => break,
                Token::Text(_) | Token::Nothing => {}
            }
        }
        loop {
            match self.next()? {
                Token::Nothing => return Ok(document),
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.broken_here("junk after document element")),
            }
        }
    }

    /// The content of `<params>`.
    fn params(&mut self, params: &mut Vec<Value>) -> Result<(), Fault> {
        let mut open = 1;
        while open > 0 {
            match self.inside()? {
                Token::Start(tag) if local(&tag) == "value" => params.push(self.value(0)?),
                Token::Start(_) => open += 1,
                Token::End => open -= 1,
                Token::Text(_) | Token::Nothing => {}
            }
        }
        Ok(())
    }

    /// The content of `<value>`: one typed element, or text.
    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.broken_here("too many values"));
        }
        let (mut typed, mut text) = (None, Cow::Borrowed(""));
        loop {
            match self.inside()? {
                Token::Start(tag) => typed = Some(self.typed(local(&tag), depth)?),
                Token::Text(more) => append(&mut text, more),
                Token::End => break,
                Token::Nothing => {}
            }
        }
        Ok(typed.unwrap_or_else(|| Value::Text(text.into_owned())))
    }

    fn typed(&mut self, tag: &str, depth: usize) -> Result<Value, Fault> {
        match tag {
            "string" => Ok(Value::Text(self.content()?.into_owned())),
            "int" | "i1" | "i2" | "i4" | "i8" | "biginteger" => scalar::whole(&self.content()?),
            "double" | "float" | "bigdecimal" => scalar::fractional(&self.content()?),
            "boolean" => scalar::truth(&self.content()?),
            "dateTime.iso8601" => scalar::time(&self.content()?),
            "base64" => scalar::bytes(&self.content()?),
            "nil" => self.skip().map(|()| Value::Null),
            "array" => self.array(self.deeper(depth)?).map(Value::List),
            "struct" => self.members(self.deeper(depth)?).map(Value::Map),
            other => Err(no_response(&format!("\"unknown tag '{other}'\""))),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, Fault> {
        if depth == MAX_DEPTH {
            return Err(self.broken_here(TOO_DEEP));
        }
        Ok(depth + 1)
    }

    /// The content of `<array>`.
    fn array(&mut self, depth: usize) -> Result<Vec<Value>, Fault> {
        let (mut values, mut open) = (Vec::new(), 1);
        while open > 0 {
            match self.inside()? {
                Token::Start(tag) if local(&tag) == "value" => values.push(self.value(depth)?),
                Token::Start(_) => open += 1,
                Token::End => open -= 1,
                Token::Text(_) | Token::Nothing => {}
            }
        }
        Ok(values)
    }

    /// The content of `<struct>`. The last of equal names wins.
    fn members(&mut self, depth: usize) -> Result<Map, Fault> {
        let mut map = Map::new();
        loop {
            match self.inside()? {
                Token::Start(tag) if local(&tag) == "member" => {
                    let (name, value) = self.member(depth)?;
                    map.insert(name.into(), value);
                }
                Token::Start(_) => self.skip()?,
                Token::End => return Ok(map),
                Token::Text(_) | Token::Nothing => {}
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<(String, Value), Fault> {
        let (mut name, mut value) = (None, None);
        loop {
            match self.inside()? {
                Token::Start(tag) => match local(&tag) {
                    "name" => name = Some(self.content()?.into_owned()),
                    "value" => value = Some(self.value(depth)?),
                    _ => self.skip()?,
                },
                Token::End => return name.zip(value).ok_or_else(|| no_response("")),
                Token::Text(_) | Token::Nothing => {}
            }
        }
    }

    /// The text of an element that has no elements inside.
    fn content(&mut self) -> Result<Cow<'a, str>, Fault> {
        let mut text = Cow::Borrowed("");
        loop {
            match self.inside()? {
                Token::Text(more) => append(&mut text, more),
                Token::Start(tag) => {
                    let tag = local(&tag);
                    return Err(no_response(&format!("\"unexpected tag '{tag}'\"")));
                }
                Token::End => return Ok(text),
                Token::Nothing => {}
            }
        }
    }

    /// Leaves an element with everything inside.
    fn skip(&mut self) -> Result<(), Fault> {
        let mut open = 1;
        while open > 0 {
            match self.inside()? {
                Token::Start(_) => open += 1,
                Token::End => open -= 1,
                Token::Text(_) | Token::Nothing => {}
            }
        }
        Ok(())
    }
}

/// The name of a tag without its namespace prefix.
fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    let name: &str = tag.name().into_inner();
    name.rsplit(':').next().unwrap_or(name)
}

fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else {
        text.to_mut().push_str(&more);
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Messages as the original's parser words them.
fn well_formed(error: &Error) -> &'static str {
    match error {
        Error::IllFormed(
            IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_),
        ) => "mismatched tag",
        Error::Syntax(_) => "unclosed token",
        _ => "not well-formed (invalid token)",
    }
}

fn refuse_document_type(declaration: &str) -> Fault {
    let word = |text: &str| {
        let text = text.trim_start_matches(['%', ' ', '\t', '\r', '\n']);
        let end = text.find(|c: char| !c.is_alphanumeric() && !"_-.:".contains(c));
        text.get(..end.unwrap_or(text.len()))
            .unwrap_or_default()
            .to_owned()
    };
    let (kind, name) = match declaration.split_once("<!ENTITY") {
        Some((_, entity)) => ("EntitiesForbidden", word(entity)),
        None => ("DTDForbidden", word(declaration)),
    };
    Fault::security(format!(
        "{kind}(name='{name}', system_id=None, public_id=None)"
    ))
}
