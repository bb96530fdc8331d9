//! The files of deploy/ tried on real servers: least privilege on PostgreSQL and RabbitMQ, and what
//! the units promise. Owns throw-away roles, a database and a virtual host; refuses to touch any
//! server that `tests/run` did not start.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("deploy/{path}: {error}"))
}

/// A variable of `tests/run`. Without it the test says so and passes, except where servers are
/// required: there it fails.
fn server(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Some(value),
        _ => {
            let required =
                std::env::var("TONGCHA_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "{name} is not set although servers are required");
            eprintln!("not tried: {name} is not set; hint: tests/run, or tests/services start DIR");
            None
        }
    }
}

fn output(command: &mut Command) -> Output {
    command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

/// A name of this run and test, so that two of them on one server do not meet.
fn own(stem: &str, test: &str) -> String {
    format!("{stem}_{test}_{}", std::process::id())
}

struct Office {
    admin: String,
    test: &'static str,
}

impl Office {
    fn psql(&self, url: &str, args: &[&str]) -> Output {
        let mut command = Command::new("psql");
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url])
            .args(args);
        output(&mut command)
    }

    fn own(&self, stem: &str) -> String {
        own(stem, self.test)
    }

    /// The URL of the administrator, for another role of the database of this test. A role's
    /// password is its name.
    fn url(&self, role: &str) -> String {
        let (_, place) = self.admin.split_once('@').expect("a URL with a password");
        let (host, rest) = place.split_once('/').expect("a URL with a database");
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        format!("postgres://{role}:{role}@{host}/{}?{query}", self.own("db"))
    }

    fn must(&self, url: &str, args: &[&str]) -> String {
        let done = self.psql(url, args);
        assert!(done.status.success(), "psql {args:?}: {}", said(&done));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    fn denied(&self, role: &str, statement: &str) {
        let done = self.psql(&self.url(role), &["-c", statement]);
        let answer = said(&done);
        assert!(!done.status.success(), "{role} may `{statement}`");
        assert!(
            ["permission denied", "must be owner", "read-only"]
                .iter()
                .any(|why| answer.contains(why)),
            "{role}: `{statement}` failed for another reason: {answer}"
        );
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let mut args = vec![
            "-c".to_owned(),
            format!("drop database if exists {}", self.own("db")),
        ];
        for role in ROLES {
            args.extend([
                "-c".to_owned(),
                format!("drop role if exists {}", self.own(role)),
            ]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let done = self.psql(&self.admin, &args);
        if !done.status.success() {
            eprintln!("left behind on the server of the tests: {}", said(&done));
        }
    }
}

/// The roles of roles.sql and the variable that names each.
const ROLES: [&str; 4] = ["owner", "app", "reader", "backup"];

fn office(test: &'static str) -> Option<Office> {
    let office = Office {
        admin: server("TONGCHA_PG_ADMIN_URL")?,
        test,
    };
    let roles = file("postgres/roles.sql");
    let mut variables = vec![format!("database={}", office.own("db"))];
    variables.extend(ROLES.map(|role| format!("{role}={}", office.own(role))));
    let mut args: Vec<&str> = variables
        .iter()
        .flat_map(|variable| ["-v", variable])
        .collect();
    let roles = roles.to_string_lossy();
    args.extend(["-f", &roles]);
    office.must(&office.admin, &args);
    for role in ROLES.map(|role| office.own(role)) {
        office.must(
            &office.admin,
            &["-c", &format!("alter role {role} password '{role}'")],
        );
    }
    migrate(&office);
    Some(office)
}

/// The hub's own migrations, as the owner, then the grants, twice.
fn migrate(office: &Office) {
    let owner = office.url(&office.own("owner"));
    office.must(&owner, &["-c", "create schema tongcha"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hub/migrations/pg");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("hub/migrations/pg")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 2, "the migrations are there: {files:?}");
    let mut args = vec!["-c".to_owned(), "set search_path = tongcha".to_owned()];
    for path in files {
        args.extend(["-f".to_owned(), path.to_string_lossy().into_owned()]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    office.must(&owner, &args);
    let app = format!("app={}", office.own("app"));
    let reader = format!("reader={}", office.own("reader"));
    let grants = file("postgres/grants.sql");
    for _ in 0..2 {
        office.must(
            &owner,
            &["-v", &app, "-v", &reader, "-f", &grants.to_string_lossy()],
        );
    }
}

#[test]
fn each_database_role_may_do_its_work_and_no_more() {
    let Some(office) = office("roles") else {
        return;
    };
    let (app, reader, backup) = (
        office.own("app"),
        office.own("reader"),
        office.own("backup"),
    );

    let views = "select count(*) from pg_views where schemaname = 'tongcha' \
                 and has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(viewname), 'select')";
    assert_eq!(
        office.must(&office.url(&reader), &["-c", views]),
        "28",
        "views the reader may read"
    );
    assert_eq!(
        office.must(
            &office.url(&reader),
            &["-c", "select count(*) from tongcha.case_base"]
        ),
        "0"
    );
    for statement in [
        "select * from tongcha.el_case_base",
        "select * from tongcha.node",
        "delete from tongcha.el_case_base",
        "create table tongcha.mine (a int)",
        "create temporary table mine (a int)",
    ] {
        office.denied(&reader, statement);
    }

    let row = "insert into tongcha.node (name, kind, public_key, registered_ms) \
               values ('620824/tax', 'front', 'k', 1)";
    office.must(&office.url(&app), &["-c", row]);
    office.must(
        &office.url(&app),
        &["-c", "create temporary table staging (a int)"],
    );
    for statement in [
        "create table tongcha.mine (a int)",
        "drop table tongcha.node",
        "alter table tongcha.el_case_base add column mine int",
        "create schema mine",
    ] {
        office.denied(&app, statement);
    }

    assert_eq!(
        office.must(
            &office.url(&backup),
            &["-c", "select count(*) from tongcha.node"]
        ),
        "1"
    );
    office.denied(&backup, "delete from tongcha.node");
}

#[test]
fn the_watch_shows_what_is_wrong_and_only_that() {
    let Some(office) = office("watch") else {
        return;
    };
    let app = office.url(&office.own("app"));
    let watch = file("postgres/watch.sql");
    let watch = watch.to_string_lossy();
    let verdicts = |when: &str| {
        let text = office.must(&app, &["-F", "|", "-f", &watch]);
        let signs: Vec<(String, String)> = text
            .lines()
            .map(|line| {
                let (sign, _) = line.split_once('|').expect("a sign");
                let (_, verdict) = line.rsplit_once('|').expect("a verdict");
                (sign.to_owned(), verdict.to_owned())
            })
            .collect();
        assert_eq!(signs.len(), 12, "{when}: {text}");
        signs
            .into_iter()
            .filter(|(_, verdict)| verdict == "look")
            .map(|(sign, _)| sign)
            .collect()
    };
    let none: Vec<String> = verdicts("empty");
    assert_eq!(none, Vec::<String>::new(), "an empty hub is well");
    office.must(
        &app,
        &[
            "-c",
            "set search_path = tongcha",
            "-c",
            "insert into node (name, kind, public_key, registered_ms) values ('n', 'front', 'k', 1)",
            "-c",
            "insert into inbox (envelope_no, part, part_of, payload, records, held_ms) \
             values (1, 1, 1, '', 5, 1)",
            "-c",
            "insert into cases (id, space, case_no, source, facts_rev, updated_ms, next_look_ms) \
             values (1, 's', 'c', 'n', 1, 1, 1)",
            "-c",
            "insert into outgoing (batch, payload, records, created_ms) values (1, '', 1, 1)",
            "-c",
            "insert into outgoing (batch, payload, records, created_ms, state) values (2, '', 1, 1, 'held')",
            "-c",
            "insert into quarantine (envelope_no, part, part_of, payload, records, at_ms, cause) \
             values (1, 2, 1, '', 1, 1, 'c')",
            "-c",
            "insert into job (name, ill_ms, fails, cause) values ('look', 1, 1, 'c')",
        ],
    );
    let wrong: Vec<String> = verdicts("wrong");
    let expected = [
        "inbox_oldest_s",
        "looks_overdue",
        "nodes_silent_1d",
        "outgoing_oldest_s",
        "outgoing_held",
        "quarantine",
        "jobs_failing",
    ];
    assert_eq!(wrong, expected, "what is wrong, and nothing else");
}

#[test]
fn a_dump_of_the_backup_role_restores_elsewhere() {
    let Some(office) = office("dump") else { return };
    let owner = office.url(&office.own("owner"));
    office.must(
        &owner,
        &["-c", "insert into tongcha.node (name, kind, public_key, registered_ms) values ('n', 'hub', 'k', 7)"],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("hub.dump");
    let dump = dump.to_string_lossy();
    let done = output(Command::new("pg_dump").args([
        "--format=custom",
        "--schema=tongcha",
        "--file",
        &dump,
        "--dbname",
        &office.url(&office.own("backup")),
    ]));
    assert!(done.status.success(), "pg_dump: {}", said(&done));
    office.must(&owner, &["-c", "drop schema tongcha cascade"]);
    let done =
        output(Command::new("pg_restore").args(["--exit-on-error", "--dbname", &owner, &dump]));
    assert!(done.status.success(), "pg_restore: {}", said(&done));
    let found = office.must(
        &owner,
        &["-c", "select name || registered_ms from tongcha.node"],
    );
    assert_eq!(found, "n7");
}

struct Broker {
    command: Vec<String>,
    vhost: String,
    user: String,
}

impl Broker {
    fn ctl(&self, args: &[&str]) -> Output {
        let (program, first) = self.command.split_first().expect("a command line");
        output(Command::new(program).args(first).arg("-q").args(args))
    }

    fn setup(&self, password: &str) -> Output {
        use std::io::Write as _;
        let mut child = Command::new(file("rabbitmq/setup.sh"))
            .env("RABBITMQCTL", self.command.join(" "))
            .env("VHOST", &self.vhost)
            .env("HUB_USER", &self.user)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("setup.sh starts");
        let mut stdin = child.stdin.take().expect("stdin");
        writeln!(stdin, "{password}").expect("a password is taken");
        drop(stdin);
        child.wait_with_output().expect("setup.sh ends")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.ctl(&["delete_vhost", &self.vhost]);
        self.ctl(&["delete_user", &self.user]);
    }
}

#[test]
fn the_user_of_the_broker_may_only_touch_our_names() {
    let Some(command) = server("TONGCHA_RABBITMQCTL") else {
        return;
    };
    let broker = Broker {
        command: command.split_whitespace().map(str::to_owned).collect(),
        vhost: own("vhost", "deploy"),
        user: own("user", "deploy"),
    };
    assert!(
        !broker.setup("too short").status.success(),
        "a short password is refused"
    );
    let first = own("first-password", "of-many-letters");
    for password in [first.as_str(), "second-password-of-many-letters"] {
        let done = broker.setup(password);
        assert!(done.status.success(), "setup.sh: {}", said(&done));
    }
    let user = broker.user.as_str();
    let known = broker.ctl(&["authenticate_user", user, "second-password-of-many-letters"]);
    assert!(
        known.status.success(),
        "the password was changed: {}",
        said(&known)
    );
    assert!(
        !broker
            .ctl(&["authenticate_user", user, &first])
            .status
            .success(),
        "the old one is gone"
    );

    let rights = said(&broker.ctl(&["list_permissions", "--vhost", &broker.vhost]));
    let line = rights
        .lines()
        .find(|line| line.starts_with(user))
        .expect("a line of the user");
    assert_eq!(
        line.split('\t').skip(1).collect::<Vec<_>>(),
        [r"^tongcha\."; 3],
        "{rights}"
    );
    let users = said(&broker.ctl(&["list_users"]));
    assert!(
        users.lines().any(|line| line == format!("{user}\t[]")),
        "no tag: {users}"
    );
}

#[test]
fn the_definitions_of_the_broker_are_accepted() {
    use std::io::Write as _;
    let Some(command) = server("TONGCHA_RABBITMQCTL") else {
        return;
    };
    let broker = Broker {
        command: command.split_whitespace().map(str::to_owned).collect(),
        vhost: own("vhost", "definitions"),
        user: own("user", "definitions"),
    };
    let definitions = text("rabbitmq/definitions.json")
        .replace(
            "\"name\": \"tongcha\"",
            &format!("\"name\": \"{}\"", broker.vhost),
        )
        .replace(
            "\"vhost\": \"tongcha\"",
            &format!("\"vhost\": \"{}\"", broker.vhost),
        );
    let mut child = Command::new(&broker.command[0])
        .args(&broker.command[1..])
        .args(["-q", "import_definitions"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rabbitmqctl starts");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin
        .write_all(definitions.as_bytes())
        .expect("the definitions are taken");
    drop(stdin);
    let done = child.wait_with_output().expect("rabbitmqctl ends");
    assert!(done.status.success(), "import_definitions: {}", said(&done));
    // The broker imports after it has answered: ask again, each time half a second of its command line.
    let mut policies = String::new();
    for _ in 0..40 {
        policies = said(&broker.ctl(&["list_policies", "--vhost", &broker.vhost]));
        if policies.contains("tongcha-dead") {
            return;
        }
    }
    panic!("the policy did not arrive: {policies}");
}

#[test]
fn the_names_of_the_broker_are_those_of_the_hub() {
    let bus = Path::new(env!("CARGO_MANIFEST_DIR")).join("hub/src/bus/rabbit.rs");
    let bus = std::fs::read_to_string(bus).expect("hub/src/bus/rabbit.rs");
    for name in ["tongcha.records", "tongcha.dead"] {
        assert!(
            bus.contains(&format!("\"{name}\"")),
            "the hub no longer uses {name}"
        );
    }
    assert!(
        text("rabbitmq/setup.sh").contains(" tongcha.records "),
        "the exchange of setup.sh"
    );
    let definitions: serde_json::Value =
        serde_json::from_str(&text("rabbitmq/definitions.json")).expect("JSON");
    assert_eq!(
        definitions["users"],
        serde_json::json!([]),
        "no user and no hash in the repository"
    );
    assert_eq!(definitions["policies"][0]["pattern"], r"^tongcha\.dead$");
}

#[test]
fn the_units_are_locked_in() {
    for unit in [
        "systemd/tongcha-hub.service",
        "systemd/tongcha-agent.service",
    ] {
        let body = text(unit);
        for line in [
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "PrivateDevices=yes",
            "CapabilityBoundingSet=",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
            "SystemCallFilter=@system-service",
            "MemoryDenyWriteExecute=yes",
            "Restart=on-failure",
            "UMask=0077",
        ] {
            assert!(
                body.lines().any(|have| have == line),
                "deploy/{unit} lacks `{line}`"
            );
        }
        assert!(
            body.contains("\nLoadCredential="),
            "deploy/{unit}: keys come as credentials"
        );
        assert!(
            !body.contains("\nUser=root"),
            "deploy/{unit} does not run as root"
        );
    }
}
