//! Clients of dynamic DNS that others wrote, unmodified, over sockets.

mod ddclient;
mod flow;
mod inadyn;
mod over_tls;
mod python;
