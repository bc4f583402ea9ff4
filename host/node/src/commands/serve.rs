//! `foreshore serve`: the node. The only place where pipelines, threads and ports are put together, and
//! taken apart again in order when the node is told to stop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle as Task;

use crate::commands::log;
use crate::config::{self, ServerConfig};
use crate::http::{self, Node, Port};
use crate::load::{self, summary::Summary};
use crate::worker::{self, log::Volatile};

/// Run the node of a configuration file.
#[derive(clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where to serve the data port, instead of the file's `server.data`; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS")]
    data: Option<SocketAddr>,
    /// Where to serve the admin port, instead of the file's `server.admin`
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Load everything, print the resolved pipelines, and stop there
    #[arg(long)]
    check: bool,
}

/// Loads, then checks or serves.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut config = config::read(&args.config)?;
    config.server.data = args.data.unwrap_or(config.server.data);
    config.server.admin = args.admin.unwrap_or(config.server.admin);
    let loaded = load::load(&args.config, &config)?;
    if args.check {
        return Ok(loaded
            .iter()
            .try_for_each(|loaded| log::give(&Summary(loaded).to_string()))?);
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if config.server.threads > 0 {
        builder.worker_threads(config.server.threads);
    }
    let runtime = builder
        .enable_all()
        .build()
        .context("start the HTTP threads")?;
    let mut pipelines = BTreeMap::new();
    let mut threads = Vec::new();
    for loaded in loaded {
        let name = loaded.pipeline.name.clone();
        let (handle, thread) = worker::start(loaded, Box::new(Volatile))
            .with_context(|| format!("start the thread of pipeline {name}"))?;
        pipelines.insert(name, handle);
        threads.push(thread);
    }
    let node = Arc::new(Node::new(pipelines, &config.server));
    let drained = runtime.block_on(serve(&config.server, &node));
    // Followers of amendments and idle connections end with the runtime; the folds owed are made first.
    node.pipelines.values().for_each(worker::Handle::stop);
    let ended = threads
        .into_iter()
        .map(JoinHandle::join)
        .collect::<Result<Vec<()>, _>>();
    runtime.shutdown_background();
    drained?;
    ended.map_err(|_| {
        anyhow::anyhow!("a pipeline's thread ended in a panic; this is a defect of foreshore")
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Serves both ports until told to stop, then lets requests finish.
async fn serve(config: &ServerConfig, node: &Arc<Node>) -> anyhow::Result<()> {
    let (data, data_address) = listen(config.data, "server.data").await?;
    let (admin, admin_address) = listen(config.admin, "server.admin").await?;
    let (stop, stopping) = watch::channel(false);
    let data = spawn(data, node, Port::Data, &stopping);
    let admin = spawn(admin, node, Port::Admin, &stopping);
    log::give(&format!("data http://{data_address}"))?;
    log::give(&format!("admin http://{admin_address}"))?;
    node.set_ready(true);
    tracing::info!(%data_address, %admin_address, pipelines = node.pipelines.len(), "serving");
    told_to_stop(node).await?;
    node.set_ready(false);
    tracing::info!("stopping: requests in flight finish first");
    stop.send_replace(true);
    let drained = async { (data.await, admin.await) };
    if tokio::time::timeout(config.drain_time.duration(), drained)
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in server.drain_time");
    }
    Ok(())
}

fn spawn(
    listener: TcpListener,
    node: &Arc<Node>,
    port: Port,
    stopping: &watch::Receiver<bool>,
) -> Task<()> {
    tokio::spawn(http::serve(listener, node.clone(), port, stopping.clone()))
}

async fn listen(address: SocketAddr, key: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address} ({key})"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Waits for a signal, or for a pipeline's thread to end by itself, which it never should.
async fn told_to_stop(node: &Node) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = any_ended(node) => Err(anyhow::anyhow!("a pipeline's thread has ended")),
    }
}

async fn any_ended(node: &Node) {
    let mut poll = tokio::time::interval(std::time::Duration::from_millis(200));
    while node.pipelines.values().all(worker::Handle::is_alive) {
        poll.tick().await;
    }
}
