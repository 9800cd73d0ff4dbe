//! Other name servers' opinion of the zones: `nsd-checkzone` and `kzonecheck`.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use easement_zone::{Zone, zonefile};

/// The programs that are installed, and the zones that they are to look at.
pub(crate) struct Checkers {
    programs: Vec<Program>,
    folder: tempfile::TempDir,
    files: RefCell<Vec<(String, PathBuf)>>,
    seen: RefCell<HashSet<String>>,
}

struct Program {
    name: &'static str,
    path: PathBuf,
}

impl Checkers {
    /// Finds the programs. One that is missing is named, and fails the test when
    /// `EASEMENT_REQUIRE_TOOLS` is set to 1.
    pub(crate) fn find() -> Self {
        let mut programs = Vec::new();
        for name in ["nsd-checkzone", "kzonecheck"] {
            if let Some(path) = find(name) {
                programs.push(Program { name, path });
                continue;
            }
            println!("SKIPPED: {name} not found");
            let is_required =
                std::env::var("EASEMENT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(!is_required, "{name} is required and not installed");
        }
        Self {
            programs,
            folder: tempfile::tempdir().unwrap(),
            files: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// Writes a zone for the programs to look at.
    pub(crate) fn add(&self, label: &str, zone: &Zone) {
        if self.programs.is_empty() {
            return;
        }
        let text = zonefile::write(zone);
        if !self.seen.borrow_mut().insert(text.clone()) {
            return;
        }
        let number = self.files.borrow().len();
        let file = self.folder.path().join(format!("{number}.zone"));
        std::fs::write(&file, text).unwrap();
        self.files.borrow_mut().push((label.to_owned(), file));
    }

    /// Lets every program look at every zone.
    pub(crate) fn finish(self) {
        let files = self.files.into_inner();
        for program in &self.programs {
            let refused: Vec<String> = files
                .iter()
                .filter_map(|(label, file)| {
                    let output = program.check(file);
                    output.err().map(|output| format!("{label}: {output}"))
                })
                .collect();
            println!(
                "{}: {} zones accepted, {} refused",
                program.name,
                files.len() - refused.len(),
                refused.len()
            );
            assert!(refused.is_empty(), "{}: {refused:#?}", program.name);
        }
    }
}

impl Program {
    fn check(&self, file: &Path) -> Result<(), String> {
        let mut command = Command::new(&self.path);
        match self.name {
            "kzonecheck" => command.args(["-o", "example.com"]).arg(file),
            _ => command.arg("example.com").arg(file),
        };
        let output = command.output().unwrap();
        if output.status.success() {
            return Ok(());
        }
        let text = [output.stdout, output.stderr].concat();
        Err(String::from_utf8_lossy(&text).into_owned())
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
