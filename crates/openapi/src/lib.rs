//! JSON schemas (2020-12) and `OpenAPI` 3.1 documents as values that are written beside the types they
//! describe.
//!
//! **What it is for.** A type of a document implements [`Described`]: the [`Schema`] of its JSON, and an
//! example. A server lists its [`Operation`]s in a [`Document`], which becomes the JSON that programs read, and
//! is walked by whoever shows it to people. [`Schema::check`] holds real documents against their schemas, so
//! that tests find what the two say differently.
//!
//! **What it is not for.** All of JSON Schema and `OpenAPI`: only what our interfaces need. There are no macros:
//! a schema is a function of a few lines, and tests prove that it is true.
//!
//! **To describe one more document**, implement [`Described`] for its type, and check serialised samples in a
//! test.
//!
//! ```
//! use openapi::{Described, Field, Schema};
//! use serde_json::{Value, json};
//!
//! struct Greeting;
//!
//! impl Described for Greeting {
//!     const NAME: &'static str = "Greeting";
//!
//!     fn schema() -> Schema {
//!         Schema::object([
//!             Field::required("word", Schema::text()),
//!             Field::optional("times", Schema::whole(1, 10)),
//!         ])
//!     }
//!
//!     fn example() -> Value {
//!         json!({"word": "hello"})
//!     }
//! }
//!
//! let schema = Greeting::schema();
//! assert!(schema.check(&Greeting::example()).is_empty());
//! assert_eq!(
//!     schema.check(&json!({"times": 11, "who": null})),
//!     ["word is missing", "times is 11, above 10", "who is not described"],
//! );
//! ```

#![warn(missing_docs)]

mod check;
mod document;
mod json;
mod operation;
mod schema;

pub use self::document::{Document, Scheme, SchemeKind, Tag};
pub use self::operation::{
    Access, Body, Code, Content, Header, Method, Operation, Parameter, Place, Reply,
};
pub use self::schema::{Described, Field, Kind, Need, Schema};
