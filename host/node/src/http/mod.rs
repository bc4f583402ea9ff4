//! The node's HTTP faces: the data port for devices and their clients, the admin port for operators. The
//! only place that knows hyper; takes bytes, asks the pipelines' handles, gives bytes.

/// Ports and their connections.
mod server;

/// The places a port has for connections.
mod places;

/// A connection's bytes, strictly framed and within their times.
mod wire;

/// The sign to stop.
mod stopping;

/// TLS before HTTP.
pub mod tls;

/// The other end of a connection.
mod peer;

/// What both ports serve from.
mod node;

/// What a request may use.
mod limits;

/// A request to its answer.
mod dispatch;

/// Who asks.
mod entrance;

/// Method and path to what is wanted.
mod route;

/// Escapes and queries.
mod uri;

/// A request's body, within bounds.
mod body;

/// The room there is for requests and their bodies.
mod room;

/// How fast a source may send.
mod rates;

/// Answers as responses.
mod reply;

/// What a request came to grief over.
mod problem;

/// What pipelines say, as JSON.
mod json;

/// `POST score`: one event, answered at once.
mod score;

/// `POST events`: many events, each with its fate.
mod events;

/// A body to its events, line by line or from an array.
mod batch;

/// `GET timelines`: features of a key.
mod timelines;

/// `GET decisions`: all that was said about an event.
mod decisions;

/// `GET amendments`: corrections as they come.
mod amendments;

/// `GET pipelines`: what runs here.
mod pipelines;

/// `POST close`: everything before a time made final.
mod close;

/// `POST deploy`, `GET deploy`: configuration and components read anew.
mod deploy;

/// `GET health`, `GET metrics`: what a monitor asks of the node.
mod health;

pub use json::answer_json;
pub use node::{Guards, Node, Port};
pub use server::serve;
