//! What can be asked at one address with one method, and how it is answered.

use std::fmt;

use serde_json::Value;

use crate::{Described, Need, Schema};

/// One thing that programs can ask.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// A name that no other operation has.
    pub id: &'static str,
    /// Which [`Tag`](crate::Tag) it belongs to.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More about it.
    pub about: &'static str,
    /// The ways to say who asks, of which one is enough; none when everybody may ask.
    pub access: Vec<Access>,
    /// What is not in the body.
    pub parameters: Vec<Parameter>,
    /// The body of the request.
    pub body: Option<Body>,
    /// The answers.
    pub replies: Vec<Reply>,
}

/// The methods of HTTP that we use.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}

/// The names of [`Scheme`](crate::Scheme)s that are needed together.
pub type Access = &'static [&'static str];

/// Something in the path, the query or the headers of a request.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// What it may be, and means.
    pub schema: Schema,
    /// One value, for people to read.
    pub example: Option<&'static str>,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

impl Place {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// Whether it must be there.
    pub need: Need,
    /// What it is.
    pub content: Content,
}

/// What a body is.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub schema: Schema,
    /// One of them, for people to read.
    pub example: Value,
}

impl Content {
    /// A document of this type.
    pub fn json<T: Described>() -> Self {
        Self {
            media: "application/json",
            schema: Schema::of::<T>(),
            example: T::example(),
        }
    }

    /// Some lines of text.
    pub fn plain(about: &str, example: &str) -> Self {
        Self {
            media: "text/plain",
            schema: Schema::text().about(about),
            example: example.into(),
        }
    }
}

/// One way to answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// When it is answered so.
    pub about: String,
    /// The body, of which there may be several kinds; none for an empty one.
    pub contents: Vec<Content>,
    /// Headers that mean something.
    pub headers: Vec<Header>,
    /// The codes in the document, which say exactly why.
    pub codes: Vec<Code>,
}

/// A code in an answer, and what it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// A header of an answer.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Whether every such answer has it.
    pub need: Need,
    /// What is in it.
    pub schema: Schema,
}

impl Operation {
    fn new(method: Method, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            tag: "",
            summary: "",
            about: "",
            access: Vec::new(),
            parameters: Vec::new(),
            body: None,
            replies: Vec::new(),
        }
    }

    /// With GET.
    pub fn get(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::Get, path, id)
    }

    /// With POST.
    pub fn post(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::Post, path, id)
    }

    /// With PATCH.
    pub fn patch(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::Patch, path, id)
    }

    /// With DELETE.
    pub fn delete(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::Delete, path, id)
    }

    /// The same under this tag, with what it does in a few words, and in more.
    #[must_use]
    pub fn saying(mut self, tag: &'static str, summary: &'static str, about: &'static str) -> Self {
        (self.tag, self.summary, self.about) = (tag, summary, about);
        self
    }

    /// The same for those who say in one of these ways who they are.
    #[must_use]
    pub fn access(mut self, access: impl IntoIterator<Item = Access>) -> Self {
        self.access.extend(access);
        self
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The same with a body that must be there.
    #[must_use]
    pub fn body(mut self, content: Content) -> Self {
        let need = Need::Required;
        self.body = Some(Body { need, content });
        self
    }

    /// The same with a body that may be left out.
    #[must_use]
    pub fn optional_body(mut self, content: Content) -> Self {
        let need = Need::Optional;
        self.body = Some(Body { need, content });
        self
    }

    /// The same with one more way to answer.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.replies.push(reply);
        self
    }

    /// The same with more ways to answer.
    #[must_use]
    pub fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies.extend(replies);
        self
    }
}

impl Parameter {
    /// In the path, where all must be there.
    pub fn path(name: &'static str, schema: Schema) -> Self {
        Self {
            place: Place::Path,
            name,
            need: Need::Required,
            schema,
            example: None,
        }
    }

    /// In the query.
    pub fn query(name: &'static str, schema: Schema) -> Self {
        Self {
            place: Place::Query,
            need: Need::Optional,
            ..Self::path(name, schema)
        }
    }

    /// In a header.
    pub fn header(name: &'static str, schema: Schema) -> Self {
        Self {
            place: Place::Header,
            ..Self::query(name, schema)
        }
    }

    /// The same, which must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    /// The same with one value, for people to read.
    #[must_use]
    pub fn example(mut self, value: &'static str) -> Self {
        self.example = Some(value);
        self
    }
}

impl Reply {
    /// Without a body.
    pub fn empty(status: u16, about: impl Into<String>) -> Self {
        Self {
            status,
            about: about.into(),
            contents: Vec::new(),
            headers: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// With a body.
    pub fn new(status: u16, about: impl Into<String>, content: Content) -> Self {
        Self::empty(status, about).or(content)
    }

    /// The same, or with another body.
    #[must_use]
    pub fn or(mut self, content: Content) -> Self {
        self.contents.push(content);
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, need: Need, schema: Schema) -> Self {
        self.headers.push(Header { name, need, schema });
        self
    }

    /// The same with the codes that are in it.
    #[must_use]
    pub fn codes(mut self, codes: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let codes = codes.into_iter();
        self.codes
            .extend(codes.map(|(code, about)| Code { code, about }));
        self
    }
}
