//! The files and variables by which programs trust the server's certificates.
//!
//! Most variables replace the trusted certificates, so they name a bundle of the server's authority and the earlier ones.

use super::trust_store::trust_store;
use crate::cli::exit::Failure;
use crate::cli::written_file::{PRIVATE_MODE, beside};
use crate::server::tls::{Pem, certificates};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Variables that replace the certificates that a program trusts.
const REPLACING: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// The variable that adds certificates in Node.js.
const NODE: &str = "NODE_EXTRA_CA_CERTS";
/// Options for every Java program.
const JAVA: &str = "JAVA_TOOL_OPTIONS";
/// The beginning of Java's options for trust.
const JAVA_TRUST: &str = "-Djavax.net.ssl.trustStore";

/// The line before the server's certificates in a bundle.
const OURS: &str = "# The certificate authority of a wksmock server:\n";
/// The line before the others.
const OTHERS: &str = "# Certificates that were trusted before:\n";
/// Maximum number of bytes of a file of certificates.
const BUNDLE_BYTES_MAX: u64 = 16 << 20;

/// A variable's name and value.
pub(super) type Variable = (String, String);

/// The files by which programs trust the server, in a folder that goes with this, and the variables that name them.
pub(crate) struct Trust {
    _folder: TempDir,
    variables: Vec<Variable>,
}

/// The files that variables name.
pub(super) struct TrustFiles {
    authority: PathBuf,
    bundle: PathBuf,
    store: PathBuf,
}

impl Trust {
    /// Writes the files for an authority, in PEM.
    pub(super) fn in_authority(pem: &str) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("wksmock-").tempdir().map_err(Failure::internal)?;
        let files = TrustFiles::within(folder.path(), "");
        files.write_authority(pem)?;
        let variables = files.write(pem, |name| std::env::var(name).ok())?;
        Ok(Self { _folder: folder, variables })
    }

    pub(crate) fn variables(&self) -> &[Variable] {
        &self.variables
    }
}

impl TrustFiles {
    /// Files in a folder, each with a beginning of its name.
    pub(super) fn within(folder: &Path, beginning: &str) -> Self {
        let file = |name| folder.join(format!("{beginning}{name}"));
        Self { authority: file("ca.pem"), bundle: file("ca-bundle.pem"), store: file("truststore.p12") }
    }

    /// With a file of its own for the authority's certificate, which exists.
    pub(super) fn with_authority(self, authority: PathBuf) -> Self {
        Self { authority, ..self }
    }

    /// Writes the authority's certificate.
    pub(super) fn write_authority(&self, pem: &str) -> Result<(), Failure> {
        write(&self.authority, pem.as_bytes())
    }

    /// Writes a bundle and a trust store of `authority` and the certificates trusted before, and returns the variables that
    /// name them. `present` gives the current value of a variable.
    pub(super) fn write(
        &self,
        authority: &str,
        present: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Variable>, Failure> {
        let others = trusted_before(&present);
        if others.is_empty() {
            let _ = writeln!(
                std::io::stderr(),
                "warning: no CA certificates of the system were found: programs with these variables trust this server alone"
            );
        }
        write(&self.bundle, format!("{OURS}{authority}{OTHERS}{others}").as_bytes())?;
        write(&self.store, &trust_store(&ders(&[authority, &others])))?;
        let shown = |path: &Path| path.display().to_string();
        let mut variables: Vec<_> = REPLACING.iter().map(|name| ((*name).to_owned(), shown(&self.bundle))).collect();
        let adds = [&self.authority, &self.bundle].map(|path| shown(path));
        let node = match present(NODE) {
            Some(value) if !value.is_empty() && !adds.contains(&value) => &self.bundle,
            _ => &self.authority,
        };
        variables.push((NODE.to_owned(), shown(node)));
        variables.push((JAVA.to_owned(), self.java_options(&present(JAVA).unwrap_or_default())));
        Ok(variables)
    }

    /// Java's options: the present ones, with this trust store.
    fn java_options(&self, present: &str) -> String {
        let is_trust = |option: &&str| option.trim_start_matches(['"', '\'']).starts_with(JAVA_TRUST);
        let present = words(present);
        let kept = present.iter().copied().filter(|option| !is_trust(option));
        let store = format!("{JAVA_TRUST}={}", self.store.display());
        let store = if store.contains(char::is_whitespace) { format!("\"{store}\"") } else { store };
        let ours = [store, format!("{JAVA_TRUST}Type=PKCS12")];
        kept.map(str::to_owned).chain(ours).collect::<Vec<_>>().join(" ")
    }
}

/// The words of Java's options, which quotes hold together.
fn words(options: &str) -> Vec<&str> {
    let mut quote = None;
    let words = options.split(|character: char| {
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        quote.is_none() && character.is_whitespace()
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// The certificates that programs trust without these variables, as one text.
fn trusted_before(present: impl Fn(&str) -> Option<String>) -> String {
    let named = REPLACING.iter().chain([&NODE]).filter_map(|name| present(name)).map(PathBuf::from);
    let mut files: Vec<_> = named.filter(|path| path.is_file()).collect();
    if present(REPLACING[0]).is_none_or(|path| !Path::new(&path).is_file()) {
        files.extend(openssl_probe::probe().cert_file);
    }
    let mut all = String::new();
    let mut seen: Vec<String> = Vec::new();
    for file in files {
        let Some(text) = text_of(&file) else { continue };
        // A bundle of another server: what it added is left out.
        let text = match text.strip_prefix(OURS).and_then(|ours| ours.split_once(OTHERS)) {
            Some((_, others)) => others.to_owned(),
            None => text,
        };
        if !text.is_empty() && !seen.contains(&text) {
            all.push_str(&text);
            if !all.ends_with('\n') {
                all.push('\n');
            }
            seen.push(text);
        }
    }
    all
}

/// The certificates that programs of OpenSSL trust, as one text.
pub(super) fn usually_trusted(present: impl Fn(&str) -> Option<String>) -> String {
    let given = present(REPLACING[0]).map(PathBuf::from).filter(|path| path.is_file());
    given.or_else(|| openssl_probe::probe().cert_file).and_then(|file| text_of(&file)).unwrap_or_default()
}

/// The text of a file of certificates, unless it is too large for that.
fn text_of(file: &Path) -> Option<String> {
    let small = file.metadata().is_ok_and(|found| found.len() <= BUNDLE_BYTES_MAX);
    let bytes = small.then(|| std::fs::read(file).ok()).flatten()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The certificates of texts in PEM, each once. A text that is not PEM has none.
pub(super) fn ders(texts: &[&str]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in texts {
        let Ok(pem) = Pem::read("certificates", text.as_bytes()) else { continue };
        for (_, certificate) in certificates(&pem).unwrap_or_default() {
            if !all.iter().any(|known: &Vec<u8>| known.as_slice() == certificate.as_ref()) {
                all.push(certificate.to_vec());
            }
        }
    }
    all
}

/// Writes a file whole, in place of another.
fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let written = beside(directory, contents, PRIVATE_MODE);
    let written = written.and_then(|file| file.persist(path).map_err(|failed| failed.error));
    written.map(drop).map_err(|error| Failure::internal(format!("cannot write {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tls::Authority;
    use crate::state::Clock;

    fn authority() -> String {
        Authority::new(Clock::system_time()).unwrap().pem().to_owned()
    }

    #[test]
    fn bundle_has_the_authority_and_earlier_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let files = TrustFiles::within(folder.path(), "7443-");
        let corporate = authority();
        let path = folder.path().join("corporate.pem");
        std::fs::write(&path, corporate.trim_end()).unwrap();
        let (first, second) = (authority(), authority());
        let present = |name: &str| (name == "SSL_CERT_FILE").then(|| path.display().to_string());
        let variables = files.write(&first, present).unwrap();
        let bundle = |variables: &[Variable]| std::fs::read_to_string(&variables[0].1).unwrap();
        assert_eq!(bundle(&variables), format!("{OURS}{first}{OTHERS}{corporate}"));
        // Once these variables are set, another authority takes the place of the first.
        let present = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let again = files.write(&second, present).unwrap();
        assert_eq!(bundle(&again), format!("{OURS}{second}{OTHERS}{corporate}"));
        assert_eq!(again, variables);
        let names: Vec<_> = variables.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", NODE, JAVA]);
        assert!(variables[3].1.ends_with("/7443-ca.pem"));
    }

    #[test]
    fn node_keeps_the_certificates_that_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let files = TrustFiles::within(folder.path(), "");
        let path = folder.path().join("corporate.pem");
        let corporate = authority();
        std::fs::write(&path, &corporate).unwrap();
        let present = |name: &str| (name == NODE).then(|| path.display().to_string());
        let variables = files.write(&authority(), present).unwrap();
        assert!(variables[3].1.ends_with("/ca-bundle.pem"));
        assert!(std::fs::read_to_string(&variables[3].1).unwrap().contains(&corporate));
    }

    #[test]
    fn java_options_are_kept_but_for_those_of_trust() {
        let options = |folder: &str, present: &str| TrustFiles::within(Path::new(folder), "").java_options(present);
        let ours = "-Djavax.net.ssl.trustStore=/f/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12";
        assert_eq!(options("/f", ""), ours);
        assert_eq!(options("/f", "-Xmx1g"), format!("-Xmx1g {ours}"));
        assert_eq!(options("/f", &format!("{ours} -Xmx1g")), format!("-Xmx1g {ours}"));
        let blank = "\"-Djavax.net.ssl.trustStore=/a b/truststore.p12\" -Djavax.net.ssl.trustStoreType=PKCS12";
        assert_eq!(options("/a b", ""), blank);
        assert_eq!(options("/f", &format!("-Da='b c' {blank}")), format!("-Da='b c' {ours}"));
    }
}
