//! How this program was installed: only an AppImage is a file of the person's own, which Roost may replace.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use roost_local::IS_DEVELOPMENT;

use crate::environment;

/// Where package managers put programs.
const PACKAGES: [&str; 2] = ["/usr/bin", "/usr/lib"];

/// How this program was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Installation {
    /// One file, which the person put somewhere.
    AppImage(PathBuf),
    /// By the system's package manager.
    Package,
    /// Built from its sources, for development.
    Development,
    /// In another way.
    Other(PathBuf),
}

impl Installation {
    /// Returns how the program that runs was installed.
    pub(crate) fn find() -> Self {
        let word = |name| environment::word(name).map(PathBuf::from);
        let program = env::current_exe().unwrap_or_default();
        Self::of(word("APPIMAGE"), word("APPDIR"), program, IS_DEVELOPMENT)
    }

    /// `program` runs with these variables, which an AppImage sets: the file itself, and the folder in which
    /// its content is mounted. A program that an AppImage started has them too, and lies elsewhere.
    fn of(
        appimage: Option<PathBuf>,
        mounted: Option<PathBuf>,
        program: PathBuf,
        is_development: bool,
    ) -> Self {
        let is_inside = mounted.is_some_and(|folder| program.starts_with(folder));
        match appimage {
            Some(file) if is_inside && file.is_absolute() && file.is_file() => Self::AppImage(file),
            _ if PACKAGES.iter().any(|folder| program.starts_with(folder)) => Self::Package,
            _ if is_development => Self::Development,
            _ => Self::Other(program),
        }
    }

    /// Returns the file that Roost may replace.
    pub(crate) fn program(&self) -> Option<&Path> {
        match self {
            Self::AppImage(file) => Some(file),
            _ => None,
        }
    }
}

/// Says how the program was installed, and how it is updated then.
impl fmt::Display for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppImage(file) => {
                write!(formatter, "Roost runs from {}, and can replace that file.", file.display())
            }
            Self::Package => formatter.write_str(
                "Roost was installed as a package: update it with your package manager.",
            ),
            Self::Development => formatter
                .write_str("This is a development build: it is updated by building it again."),
            Self::Other(program) => write!(
                formatter,
                "Roost runs from {}, which it does not replace: update it the way it was installed.",
                program.display()
            ),
        }
    }
}

/// Returns the program that a start begins: of an AppImage the file, since what is mounted is the version
/// that ends.
pub(crate) fn program_to_start() -> Option<PathBuf> {
    match Installation::find() {
        Installation::AppImage(file) => Some(file),
        _ => env::current_exe().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_program_inside_its_appimage_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Roost.AppImage");
        std::fs::write(&file, "").unwrap();
        let of = |program: &str, is_development| {
            let mounted = Some(PathBuf::from("/tmp/.mount_Roost"));
            Installation::of(Some(file.clone()), mounted, program.into(), is_development)
        };
        let inside = "/tmp/.mount_Roost/usr/bin/roost-desktop";
        assert_eq!(of(inside, false), Installation::AppImage(file.clone()));
        // A terminal that is an AppImage starts an installed Roost.
        assert_eq!(of("/usr/bin/roost-desktop", false), Installation::Package);
        assert_eq!(of("/home/ada/roost/target/debug/roost", true), Installation::Development);
        assert_eq!(of("/opt/roost", false).program(), None);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(of(inside, false).program(), None, "the file is gone");
    }

    #[test]
    fn what_roost_does_not_replace_says_how_it_is_updated() {
        let words = |installation: Installation| installation.to_string();
        assert!(words(Installation::Package).contains("with your package manager"));
        assert!(words(Installation::Development).contains("development build"));
        assert!(words(Installation::Other("/opt/roost".into())).contains("/opt/roost"));
    }
}
