#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]
//! A service as a process of its own, for tests that kill it or look at what it leaves behind.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kith_domain::access::Role;
use kith_service::demo::DemoLogin;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

/// A new database on the test server.
pub struct Database {
    admin: sea_orm::DatabaseConnection,
    name: String,
    /// Its URL.
    pub url: String,
}

impl Database {
    /// Makes one.
    pub async fn new() -> Self {
        let admin_url = std::env::var("KITH_TEST_POSTGRES_URL").expect("KITH_TEST_POSTGRES_URL: run ./test");
        let admin = sea_orm::Database::connect(&admin_url).await.expect("the server answers");
        let name = format!("kith_program_{}", Uuid::new_v4().simple());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        let (server, _) = admin_url.rsplit_once('/').expect("a URL with a database");
        Self { url: format!("{server}/{name}"), admin, name }
    }

    /// Removes it.
    pub async fn remove(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.admin.execute_unprepared(&drop).await.expect("it is removed");
        self.admin.close().await.expect("it closes");
    }
}

/// `kith ledger verify` has nothing to say against a data directory.
pub fn is_whole(data: &Path, environment: &[(&str, &str)]) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_kith"));
    verify.args(["ledger", "verify", "--data"]).arg(data).envs(environment.iter().copied());
    let verified = verify.output().expect("it runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// A running `kith demo` or `kith serve`.
pub struct Running {
    /// The process.
    pub child: Child,
    /// Where it serves, such as `http://127.0.0.1:40123`.
    pub base: String,
    /// Who can sign in.
    pub logins: Vec<DemoLogin>,
}

impl Running {
    /// Starts the program on a data directory; its log goes into a file there.
    pub fn start(data: &Path, log: &Path) -> Self {
        Self::start_on(data, log, None)
    }

    /// The same with the data in a database of `PostgreSQL`.
    pub fn start_on(data: &Path, log: &Path, database: Option<&str>) -> Self {
        let url = database.map(|url| ("KITH_DATABASE_URL", url));
        Self::start_with(data, log, url.as_slice())
    }

    /// The same with what is said in the environment.
    pub fn start_with(data: &Path, log: &Path, environment: &[(&str, &str)]) -> Self {
        Self::listening("demo", data, log, &[], environment)
    }

    /// Starts `kith serve` on a data directory, with further options.
    pub fn serve(data: &Path, log: &Path, options: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::listening("serve", data, log, options, environment)
    }

    fn listening(what: &str, data: &Path, log: &Path, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let stderr = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
        command.args([what, "--json", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(options);
        command.env("KITH_LOG", "debug").envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("its output");
        let (mut base, mut logins) = (String::new(), Vec::new());
        for line in BufReader::new(stdout).lines() {
            let line: Value = serde_json::from_str(&line.expect("a line")).expect("a JSON line");
            if let Some(people) = line["logins"].as_array() {
                logins = people.iter().map(login).collect();
            }
            if let Some(address) = line["listening"].as_str() {
                base = format!("http://{address}");
                break;
            }
        }
        assert!(!base.is_empty(), "the program ended before it served: see {}", log.display());
        Self { child, base, logins }
    }

    /// Ends it at once, as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Ends it as an operator does (SIGTERM), and waits for it.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        assert!(self.child.wait().expect("it ends").success(), "it ended with an error");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn login(value: &Value) -> DemoLogin {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    DemoLogin {
        role: Role::from_code(&text("role")).expect("a role"),
        name: text("name"),
        login: text("login"),
        password: text("password"),
        totp_secret: text("totp_secret"),
    }
}
