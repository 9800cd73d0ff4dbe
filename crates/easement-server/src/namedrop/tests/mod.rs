//! Apps that are honest, and others, over real HTTP, with the answers of DNS.

mod clients;
mod hostile;
mod records;
mod temp_names;
mod tokens;
mod world;
mod zones;
