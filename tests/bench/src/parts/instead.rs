//! What people would use instead: FastAPI with Redis and a model in numpy, over the same HTTP; Bytewax over the same
//! disordered payments, in its own process. Set up in a Python environment of its own; where something is missing, a
//! line says what, and the rest goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use foreshore_event::Span;

use super::Bench;
use crate::arms::{Arm, floor};
use crate::cores::Pinned;
use crate::report::{Section, by_arm};
use crate::rows::Course;
use crate::server::Server;

const PART: &str = "instead";
const ANSWERS: &str = "answers/s";
const EVENTS: &str = "events/s";

/// Connections that saturate one process of Python.
const CONNECTIONS: usize = 64;

/// Payments of a terminal that a late one displaces, in the mean; one in five is late.
const DISPLACED: f64 = 10.0;

/// Windows of Bytewax's own are slow: so many payments are enough to see it.
const PAYMENTS: [(&str, u64); 2] = [("by-hand", 100_000), ("sliding", 10_000)];

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures what is there.
pub fn run(bench: &mut Bench) -> anyhow::Result<Section> {
    let section = Section::new("What people would use instead");
    let python = match environment(&bench.root) {
        Ok(python) => python,
        Err(error) => return Ok(section.saying(format!("Skipped: {error:#}."))),
    };
    let section = match service(bench, &python) {
        Ok(()) => section
            .saying(format!(
                "FastAPI, uvicorn and Redis on one processor, {CONNECTIONS} connections."
            ))
            .saying(by_arm(&bench.figures, PART, ANSWERS, "connections")),
        Err(error) => section.saying(format!("FastAPI skipped: {error:#}.")),
    };
    match windows(bench, &python) {
        Ok(()) => Ok(section
            .saying("Bytewax, payments from memory, one in five late.")
            .saying(by_arm(&bench.figures, PART, EVENTS, "payments"))),
        Err(error) => Ok(section.saying(format!("Bytewax skipped: {error:#}."))),
    }
}

/// The Python of an environment that has what is needed.
fn environment(root: &Path) -> anyhow::Result<PathBuf> {
    let folder = root.join("target/bench/python");
    let python = folder.join("bin/python");
    if !python.exists() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .context("python3 makes no environment")?;
    }
    let needed = root.join("tests/bench/python/requirements.txt");
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
    ];
    quietly(Command::new(&python).args(install).arg(needed))
        .context("the package index gave not all")?;
    Ok(python)
}

fn quietly(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{}",
        said.lines().last().unwrap_or("it failed")
    );
    Ok(())
}

/// FastAPI beside the floor, at one number of connections.
fn service(bench: &mut Bench, python: &Path) -> anyhow::Result<()> {
    let core = bench.cores.server;
    let socket = bench.folder.join("redis.sock");
    let mut redis = Command::new("redis-server");
    redis
        .args([
            "--port",
            "0",
            "--save",
            "",
            "--appendonly",
            "no",
            "--unixsocket",
        ])
        .arg(&socket);
    let mut redis = Pinned::command(&[core], &redis)?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let measured = wait_for(&socket)
        .context("there is no redis-server (Debian has it)")
        .and_then(|()| asked(bench, python, &socket));
    drop(redis.kill());
    drop(redis.wait());
    measured
}

fn asked(bench: &mut Bench, python: &Path, socket: &Path) -> anyhow::Result<()> {
    let core = bench.cores.server;
    let mut command = Command::new(python);
    let main = "import service, uvicorn, socket\n\
        s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(1024)\n\
        print('data http://127.0.0.1:%d' % s.getsockname()[1], flush=True)\n\
        uvicorn.Server(uvicorn.Config(service.app, access_log=False, log_level='warning')).run([s])";
    command
        .args(["-c", main])
        .current_dir(bench.root.join("tests/bench/python"))
        .env("REDIS", socket)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let server = Server::start(&[core], &command, &bench.folder.join("service.log"))?;
    let mut fastapi = Arm::new("FastAPI and Redis", server, false);
    let answer = fastapi.score(&bench.rows)?;
    let mut floor = floor::start(core, &bench.folder, &answer)?;
    for _ in 0..bench.plan.rounds {
        for arm in [&mut floor, &mut fastapi] {
            let report = arm.load(&bench.rows, CONNECTIONS, None, bench.plan.ceiling_time);
            bench.figures.note(
                PART,
                &arm.name,
                CONNECTIONS as f64,
                ANSWERS,
                report.goodput(),
            );
        }
    }
    Ok(())
}

fn wait_for(socket: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    while !socket.exists() {
        ensure!(
            started.elapsed() < PATIENCE,
            "{} does not appear",
            socket.display()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Bytewax in both forms.
fn windows(bench: &mut Bench, python: &Path) -> anyhow::Result<()> {
    let course = Course {
        late: 0.2,
        behind: DISPLACED * bench.plan.terminals as f64,
        // Its lateness is an hour: none is to be lost.
        pace: Some(Span(Span::SECOND.0 / 100)),
        ..Course::default()
    };
    for (form, payments) in PAYMENTS {
        let payments = payments.min(bench.plan.ingested);
        let lines = (0..payments).map(|number| bench.rows.payment(number, course));
        let file = bench.folder.join("payments.ndjson");
        fs::write(&file, lines.collect::<Vec<_>>().join(&b'\n'))?;
        let mut command = Command::new(python);
        command
            .arg(bench.root.join("tests/bench/python/windows.py"))
            .arg(form)
            .arg(&file);
        for _ in 0..bench.plan.rounds {
            let output = Pinned::command(&[bench.cores.server], &command)?.output()?;
            let said = String::from_utf8_lossy(&output.stdout);
            let Ok(rate) = said.trim().parse() else {
                let why = String::from_utf8_lossy(&output.stderr);
                bail!("{}", why.lines().last().unwrap_or("it says nothing"));
            };
            bench.figures.note(
                PART,
                &format!("Bytewax, {form}"),
                payments as f64,
                EVENTS,
                rate,
            );
        }
    }
    Ok(())
}
