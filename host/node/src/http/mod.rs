//! The node's HTTP faces: the data port for devices and their clients, the admin port for operators. The
//! only place that knows hyper; takes bytes, asks the pipelines' handles, gives bytes.

/// Ports and their connections.
mod server;

/// The sign to stop.
mod stopping;

/// What both ports serve from.
mod node;

/// A request to its answer.
mod dispatch;

/// Method and path to what is wanted.
mod route;

/// Escapes and queries.
mod uri;

/// A request's body, within bounds.
mod body;

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

/// `GET health`, `GET metrics`: what a monitor asks of the node.
mod health;

pub use node::{Node, Port};
pub use server::serve;
