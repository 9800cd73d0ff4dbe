//! What a JSON value may be.

use serde_json::Value;

/// A type whose JSON is described.
pub trait Described {
    /// The name of its schema, which no other type has.
    const NAME: &'static str;

    /// What its JSON may be.
    fn schema() -> Schema;

    /// One document of it, for people to read.
    fn example() -> Value;
}

/// What a JSON value may be.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Of which kind it is.
    pub kind: Kind,
    /// Whether `null` is good too.
    pub is_nullable: bool,
    /// What it means, as a sentence or two.
    pub about: String,
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Anything.
    Anything,
    /// `true` or `false`.
    Boolean,
    /// A whole number within these limits.
    Whole {
        /// The least.
        min: i64,
        /// The most, when there is one.
        max: Option<i64>,
    },
    /// A text.
    Text {
        /// A format of JSON Schema, such as `ipv4`, of which other programs know the rules.
        format: Option<&'static str>,
        /// The least and the most characters, when there are such.
        length: (Option<usize>, Option<usize>),
        /// A regular expression that is true of all of it, or of a part.
        pattern: Option<&'static str>,
    },
    /// One of these texts.
    Word(Vec<String>),
    /// This value.
    Only(Value),
    /// A list.
    List {
        /// What is in it.
        item: Box<Schema>,
        /// The least and the most items, when there are such.
        length: (Option<usize>, Option<usize>),
    },
    /// An object with these members. Others may come with a later version.
    Object(Vec<Field>),
    /// An object whose members are all of one kind, with names that are not known.
    Map(Box<Schema>),
    /// One of several.
    Either(Vec<Schema>),
    /// The schema of a type, which stands elsewhere under this name.
    Named {
        /// The name.
        name: &'static str,
        /// What it stands for.
        schema: fn() -> Schema,
    },
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// What it may be.
    pub schema: Schema,
}

/// Whether something must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

impl Field {
    /// A member that must be there, or, in an answer, is always there.
    pub fn required(name: &'static str, schema: Schema) -> Self {
        let need = Need::Required;
        Self { name, need, schema }
    }

    /// A member that may be left out.
    pub fn optional(name: &'static str, schema: Schema) -> Self {
        let need = Need::Optional;
        Self { name, need, schema }
    }
}

impl Schema {
    // Kinds

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            is_nullable: false,
            about: String::new(),
        }
    }

    /// Anything.
    pub fn anything() -> Self {
        Self::new(Kind::Anything)
    }

    /// `true` or `false`.
    pub fn boolean() -> Self {
        Self::new(Kind::Boolean)
    }

    /// A whole number within these limits.
    pub fn whole(min: i64, max: i64) -> Self {
        let max = Some(max);
        Self::new(Kind::Whole { min, max })
    }

    /// A whole number, zero or more.
    pub fn count() -> Self {
        Self::new(Kind::Whole { min: 0, max: None })
    }

    /// Any text.
    pub fn text() -> Self {
        Self::new(Kind::Text {
            format: None,
            length: (None, None),
            pattern: None,
        })
    }

    /// A text in a format of JSON Schema, such as `ipv4` or `date-time`.
    pub fn formatted(format: &'static str) -> Self {
        Self::new(Kind::Text {
            format: Some(format),
            length: (None, None),
            pattern: None,
        })
    }

    /// One of these texts.
    pub fn word<T: Into<String>>(words: impl IntoIterator<Item = T>) -> Self {
        Self::new(Kind::Word(words.into_iter().map(Into::into).collect()))
    }

    /// This value.
    pub fn only(value: impl Into<Value>) -> Self {
        Self::new(Kind::Only(value.into()))
    }

    /// A list of what the schema says.
    pub fn list(item: Self) -> Self {
        Self::new(Kind::List {
            item: Box::new(item),
            length: (None, None),
        })
    }

    /// An object with these members.
    pub fn object(fields: impl IntoIterator<Item = Field>) -> Self {
        Self::new(Kind::Object(fields.into_iter().collect()))
    }

    /// An object whose members are all what the schema says.
    pub fn map(member: Self) -> Self {
        Self::new(Kind::Map(Box::new(member)))
    }

    /// What one of the schemas says.
    pub fn either(schemas: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Kind::Either(schemas.into_iter().collect()))
    }

    /// A document of this type.
    pub fn of<T: Described>() -> Self {
        Self::new(Kind::Named {
            name: T::NAME,
            schema: T::schema,
        })
    }

    // More about them

    /// The same, or `null`.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    /// The same, with what it means.
    #[must_use]
    pub fn about(mut self, text: impl Into<String>) -> Self {
        self.about = text.into();
        self
    }

    /// The same with a length: of a text in characters, of a list in items.
    #[must_use]
    pub fn length(
        mut self,
        least: impl Into<Option<usize>>,
        most: impl Into<Option<usize>>,
    ) -> Self {
        if let Kind::Text { length, .. } | Kind::List { length, .. } = &mut self.kind {
            *length = (least.into(), most.into());
        }
        self
    }

    /// The same text with a regular expression (ECMA 262) that must be true of it.
    #[must_use]
    pub fn pattern(mut self, text: &'static str) -> Self {
        if let Kind::Text { pattern, .. } = &mut self.kind {
            *pattern = Some(text);
        }
        self
    }

    // Walking

    /// The schema itself, where a name stands for it.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let mut schema = self.clone();
        while let Kind::Named { schema: named, .. } = schema.kind {
            let (is_nullable, about) = (schema.is_nullable, schema.about);
            schema = named();
            schema.is_nullable |= is_nullable;
            if !about.is_empty() {
                schema.about = about;
            }
        }
        schema
    }

    /// The schemas right inside this one; what a name stands for is elsewhere.
    pub fn inside(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::List { item: one, .. } | Kind::Map(one) => vec![one],
            Kind::Object(fields) => fields.iter().map(|field| &field.schema).collect(),
            Kind::Either(schemas) => schemas.iter().collect(),
            Kind::Anything
            | Kind::Boolean
            | Kind::Whole { .. }
            | Kind::Text { .. }
            | Kind::Word(_)
            | Kind::Only(_)
            | Kind::Named { .. } => Vec::new(),
        }
    }
}
