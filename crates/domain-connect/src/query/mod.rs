//! The parameters of requests: of an apply URL (draft-ietf-dconn-domainconnect-05 section 8.3.1), of a link and of the
//! calls of the asynchronous flow (Domain Connect 2.3, "Asynchronous Flow: OAuth").

mod apply;
mod call;
mod fields;
mod given;
mod grant;
mod pairs;
mod parameters;
mod return_address;

pub use self::apply::{ApplyQuery, QueryError, RequestError};
pub use self::call::{CallError, Force, TemplateCall};
pub use self::grant::{GrantQuery, GrantQueryError};
pub(crate) use self::pairs::Repeated;
pub use self::pairs::{Pair, RawQuery};
pub use self::parameters::{CallParameters, ParametersError};
pub use self::return_address::ReturnAddress;
