//! Which look-ups and transforms an expression has, by what it holds.

use crate::{Field, Kind, Meta};

/// What an expression holds, as far as look-ups and messages tell kinds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A primary key.
    Key,
    /// A number.
    Int,
    /// A truth value.
    Bool,
    /// Text of limited length.
    Char,
    /// Text.
    Text,
    /// A URL.
    Url,
    /// An e-mail address.
    Email,
    /// A point in time.
    Time,
    /// A length of time.
    Span,
    /// The day of a point in time.
    Date,
    /// The time of day of a point in time.
    Clock,
    /// The year of a point in time.
    Year,
    /// Another part of a point in time.
    Part,
    /// The id that a reference or a many-to-many relation holds.
    Reference,
    /// The same for one to one.
    OneToOne,
    /// The id of a row that refers to us.
    Reverse,
    /// The same for one to one.
    ReverseOne,
}

/// The last segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    Exact,
    IExact,
    Contains,
    IContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
    Regex,
    IRegex,
    Gt,
    Gte,
    Lt,
    Lte,
    In,
    Range,
    IsNull,
}

impl Lookup {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "exact" => Self::Exact,
            "iexact" => Self::IExact,
            "contains" => Self::Contains,
            "icontains" => Self::IContains,
            "startswith" => Self::StartsWith,
            "istartswith" => Self::IStartsWith,
            "endswith" => Self::EndsWith,
            "iendswith" => Self::IEndsWith,
            "regex" => Self::Regex,
            "iregex" => Self::IRegex,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "in" => Self::In,
            "range" => Self::Range,
            "isnull" => Self::IsNull,
            _ => return None,
        })
    }
}

impl Sort {
    /// The sort of a field that is not a reference.
    pub(super) fn of(meta: &'static Meta, field: &'static Field) -> Self {
        match field.kind {
            _ if std::ptr::eq(field, meta.key()) => Self::Key,
            Kind::Text if field.is_url => Self::Url,
            Kind::Text if field.is_email => Self::Email,
            Kind::Text if field.max > 0 => Self::Char,
            Kind::Id => Self::Int,
            kind => Self::of_kind(kind),
        }
    }

    /// The sort of a reference; one that is the primary key itself is one to one.
    pub(super) fn reference(meta: &'static Meta, field: &'static Field) -> Self {
        if field.column == meta.key().column {
            Self::OneToOne
        } else {
            Self::Reference
        }
    }

    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Id => Self::Key,
            Kind::Int => Self::Int,
            Kind::Bool => Self::Bool,
            Kind::Text => Self::Text,
            Kind::Time => Self::Time,
            Kind::Span => Self::Span,
            Kind::Fk(_) => Self::Reference,
        }
    }

    /// Name in messages.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Key => "AutoField",
            Self::Int | Self::Year | Self::Part => "IntegerField",
            Self::Bool => "BooleanField",
            Self::Char => "CharField",
            Self::Text => "TextField",
            Self::Url => "URLField",
            Self::Email => "EmailField",
            Self::Time => "DateTimeField",
            Self::Span => "DurationField",
            Self::Date => "DateField",
            Self::Clock => "TimeField",
            Self::Reference => "ForeignKey",
            Self::OneToOne => "OneToOneField",
            Self::Reverse => "ManyToOneRel",
            Self::ReverseOne => "OneToOneRel",
        }
    }

    pub(super) fn is_relation(self) -> bool {
        matches!(
            self,
            Self::Reference | Self::OneToOne | Self::Reverse | Self::ReverseOne
        )
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Char | Self::Text | Self::Url | Self::Email)
    }

    /// Relations have only the look-ups that make sense for ids.
    pub(super) fn allows(self, lookup: Lookup) -> bool {
        use Lookup::{Exact, Gt, Gte, In, IsNull, Lt, Lte};
        !self.is_relation() || matches!(lookup, Exact | In | Gt | Gte | Lt | Lte | IsNull)
    }

    /// A part of a point in time, in UTC: what it holds and its expression.
    pub(super) fn transform(self, name: &str, text: &str) -> Option<(Self, String)> {
        let source = match self {
            Self::Time => format!("{text} AT TIME ZONE 'UTC'"),
            Self::Date | Self::Clock => text.to_owned(),
            _ => return None,
        };
        let part = |name: &str| format!("EXTRACT({name} FROM {source})::bigint");
        let (dates, clocks) = (self != Self::Clock, self != Self::Date);
        Some(match name {
            "date" if self == Self::Time => (Self::Date, format!("({source})::date")),
            "time" if self == Self::Time => (Self::Clock, format!("({source})::time")),
            "year" if dates => (Self::Year, part("YEAR")),
            "iso_year" if dates => (Self::Year, part("ISOYEAR")),
            "quarter" if dates => (Self::Part, part("QUARTER")),
            "month" if dates => (Self::Part, part("MONTH")),
            "week" if dates => (Self::Part, part("WEEK")),
            "day" if dates => (Self::Part, part("DAY")),
            "week_day" if dates => (Self::Part, format!("({} + 1)", part("DOW"))),
            "iso_week_day" if dates => (Self::Part, part("ISODOW")),
            "hour" if clocks => (Self::Part, part("HOUR")),
            "minute" if clocks => (Self::Part, part("MINUTE")),
            "second" if clocks => (
                Self::Part,
                format!("FLOOR(EXTRACT(SECOND FROM {source}))::bigint"),
            ),
            _ => return None,
        })
    }

    /// The expression as text, for patterns.
    pub(super) fn as_text(self, text: &str) -> String {
        match self {
            sort if sort.is_text() => text.to_owned(),
            Self::Time => format!("({text} AT TIME ZONE 'UTC')::text"),
            _ => format!("{text}::text"),
        }
    }
}
