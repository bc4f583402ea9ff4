//! `foreshore serve`: the node. The only place where pipelines, threads and ports are put together, and
//! taken apart again in order when the node is told to stop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use foreshore_store::StoreError;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle as Task;

use crate::access::exposure;
use crate::commands::{guarding, log, notify};
use crate::config::{self, Config, ServerConfig, TlsConfig};
use crate::http::{self, Node, Port};
use crate::load::{self, Loaded, summary::Summary};
use crate::worker::{self, Handle, Started};
use crate::{open_files, pages};

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

/// How often the log is told how far a start has come.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Loads, then checks or serves.
pub fn run(args: Args) -> anyhow::Result<()> {
    let mut config = config::read(&args.config)?;
    config.server.data = args.data.unwrap_or(config.server.data);
    config.server.admin = args.admin.unwrap_or(config.server.admin);
    let warnings = exposure::check(&args.config, &config)?;
    let guards = guarding::guards(&args.config, &config)?;
    let loaded = load::load(&args.config, &config)?;
    warnings
        .iter()
        .for_each(|warning| tracing::warn!("{warning}"));
    if args.check {
        return Ok(loaded
            .iter()
            .try_for_each(|loaded| log::give(&Summary(loaded).to_string()))?);
    }
    pages::keep_small();
    config.server.connections_max = connections_max(config.server.connections_max);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if config.server.threads > 0 {
        builder.worker_threads(config.server.threads);
    }
    let runtime = builder
        .enable_all()
        .build()
        .context("start the HTTP threads")?;
    let node = Arc::new(Node::new(&config.server, guards));
    let mut started = Vec::new();
    for loaded in loaded {
        started.push(start(&args.config, &config, loaded, &node)?);
    }
    let handles: Vec<Handle> = started.iter().map(|one| one.handle.clone()).collect();
    let (threads, ready) = started
        .into_iter()
        .map(|one| (one.thread, one.ready))
        .unzip();
    runtime.spawn(guarding::watch(node.clone()));
    let drained = runtime.block_on(serve(&config.server, &node, &handles, ready));
    // Followers of amendments and idle connections end with the runtime; the folds owed are made first, and
    // what changed is put away.
    handles.iter().for_each(Handle::stop);
    let ended = join(threads);
    runtime.shutdown_background();
    ended?;
    drained?;
    tracing::info!("stopped");
    Ok(())
}

/// Makes room for connections among the process's open files; gives how many each port can have.
fn connections_max(wanted: usize) -> usize {
    let files = open_files::raise();
    let allowed = open_files::connections(files, wanted);
    if allowed < wanted {
        tracing::warn!(
            files,
            wanted,
            allowed,
            "the system allows few open files: server.connections_max is lowered; raise `ulimit -n`"
        );
    }
    allowed
}

/// Starts a pipeline's thread, which opens its store.
fn start(
    file: &Path,
    config: &Config,
    loaded: Loaded,
    node: &Arc<Node>,
) -> anyhow::Result<Started> {
    let name = loaded.pipeline.name.clone();
    let plan = load::storage(file, config, &name);
    let (told, node) = (name.clone(), node.clone());
    let last = Mutex::new(Instant::now());
    let tell = Box::new(move |progress| {
        let progress = format!("pipeline {told}: {progress}");
        // What is done within a second needs no word about how far it is.
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= TELL_EVERY {
            *last = Instant::now();
            tracing::info!("{progress}");
            notify::starting(&progress);
        }
        node.set_starting(progress);
    });
    let (file, again) = (file.to_owned(), name.clone());
    let reload = Box::new(move || load::reload(&file, &again));
    worker::start(loaded, plan, reload, tell)
        .with_context(|| format!("start the thread of pipeline {name}"))
}

/// Waits for the pipelines' threads; gives the first error one of them ended with.
fn join(threads: Vec<JoinHandle<Result<(), StoreError>>>) -> anyhow::Result<()> {
    let mut outcome = Ok(());
    for thread in threads {
        let ended = thread.join().map_err(|_| {
            anyhow::anyhow!("a pipeline's thread ended in a panic; this is a defect of foreshore")
        });
        let ended = ended.and_then(|ended| ended.context("a pipeline has stopped"));
        outcome = outcome.and(ended);
    }
    outcome
}

/// Serves both ports, and the pipelines once they are ready, until told to stop; then lets requests finish.
async fn serve(
    config: &ServerConfig,
    node: &Arc<Node>,
    handles: &[Handle],
    ready: Vec<oneshot::Receiver<()>>,
) -> anyhow::Result<()> {
    let (data, data_address) = listen(config.data, "server.data").await?;
    let (admin, admin_address) = listen(config.admin, "server.admin").await?;
    // From here on, before anybody is told that it runs.
    let mut signals = Signals::new()?;
    let (stop, stopping) = watch::channel(false);
    let data = spawn(data, node, Port::Data, &stopping);
    let admin = spawn(admin, node, Port::Admin, &stopping);
    log::give(&format!(
        "data {}://{data_address}",
        scheme(&config.data_tls)
    ))?;
    log::give(&format!(
        "admin {}://{admin_address}",
        scheme(&config.admin_tls)
    ))?;
    let told = {
        let serving = node.clone();
        let named = |handle: &Handle| (handle.name().to_owned(), handle.clone());
        let pipelines: BTreeMap<String, Handle> = handles.iter().map(named).collect();
        let start = async move {
            for ready in ready {
                // One that never will be ends the wait below.
                if ready.await.is_err() {
                    return;
                }
            }
            tracing::info!(%data_address, %admin_address, pipelines = pipelines.len(), "serving");
            serving.serve(pipelines);
            notify::ready();
        };
        let start = tokio::spawn(start);
        let told = signals.told_to_stop(handles).await;
        start.abort();
        told
    };
    node.set_stopping();
    notify::stopping();
    tracing::info!("stopping: requests in flight finish first");
    stop.send_replace(true);
    let drained = async { (data.await, admin.await) };
    if tokio::time::timeout(config.drain_time.duration(), drained)
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in server.drain_time");
    }
    told
}

fn scheme(tls: &Option<TlsConfig>) -> &'static str {
    if tls.is_some() { "https" } else { "http" }
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

/// The signals that tell a node to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them from now on: one that comes before anybody waits for it is not missed.
    fn new() -> anyhow::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate()).context("listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("listen for SIGINT")?,
        })
    }

    /// Waits for a signal, or for a pipeline's thread to end by itself, which it never should.
    async fn told_to_stop(&mut self, handles: &[Handle]) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => Ok(()),
            _ = self.interrupt.recv() => Ok(()),
            () = any_ended(handles) => Err(anyhow::anyhow!("a pipeline's thread has ended")),
        }
    }
}

async fn any_ended(handles: &[Handle]) {
    let mut poll = tokio::time::interval(Duration::from_millis(200));
    while handles.iter().all(Handle::is_alive) {
        poll.tick().await;
    }
}
