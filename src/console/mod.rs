//! The console: a web page about the server, embedded in the binary. This file is the table of its assets.
//!
//! - `index.html` loads `app.js`, which shows one of the modules in `views/`
//! - `api.js` calls the admin API
//! - `live.js` reads its stream of events
//! - `parts.js` has the components that views share
//! - `vendor/preact.js` is `preact/standalone.module.js` of the npm package htm 3.1.1, unchanged
//!
//! There is no build step, but `build.rs` compresses the files.

use crate::packed::Packed;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// A file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Path below the root of the admin API, without a leading slash.
    pub(crate) path: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) packed: Packed,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file, with the path at which it is served and its type.
macro_rules! asset {
    ($file:literal, $media_type:expr) => {
        asset!($file => $file, $media_type)
    };
    ($file:literal => $path:literal, $media_type:expr) => {
        Asset { path: $path, media_type: $media_type, packed: packed!(concat!("src/console/", $file)) }
    };
}

static ASSETS: &[Asset] = &[
    asset!("index.html" => "", HTML),
    asset!("style.css", CSS),
    asset!("views.css", CSS),
    asset!("icon.svg", SVG),
    asset!("app.js", JS),
    asset!("api.js", JS),
    asset!("live.js", JS),
    asset!("parts.js", JS),
    asset!("pickers.js", JS),
    asset!("forms.js", JS),
    asset!("samples.js", JS),
    asset!("answer.js", JS),
    asset!("faults.js", JS),
    asset!("entry.js", JS),
    asset!("views/try.js", JS),
    asset!("views/journal.js", JS),
    asset!("views/clock.js", JS),
    asset!("views/clones.js", JS),
    asset!("views/coverage.js", JS),
    asset!("views/fields.js", JS),
    asset!("views/health.js", JS),
    asset!("views/metrics.js", JS),
    asset!("views/outbox.js", JS),
    asset!("views/reset.js", JS),
    asset!("views/scenario.js", JS),
    asset!("views/scenario/draft.js", JS),
    asset!("views/scenario/editor.js", JS),
    asset!("views/scenario/override.js", JS),
    asset!("views/scenario/rules.js", JS),
    asset!("views/scenario/words.js", JS),
    asset!("views/shared.js", JS),
    asset!("views/timeline.js", JS),
    asset!("views/timeline/axis.js", JS),
    asset!("views/timeline/chart.js", JS),
    asset!("views/timeline/lanes.js", JS),
    asset!("views/tokens.js", JS),
    asset!("views/users.js", JS),
    asset!("views/users/act.js", JS),
    asset!("views/users/create.js", JS),
    asset!("views/users/person.js", JS),
    asset!("views/verdict.js", JS),
    asset!("vendor/preact.js", JS),
    asset!("vendor/LICENSE-htm", TEXT),
    asset!("vendor/LICENSE-preact", TEXT),
];

static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| ASSETS.iter().map(|asset| tag(asset.packed.0)).collect());

/// The asset at a path below the root of the admin API, and its entity tag.
pub(crate) fn asset(path: &str) -> Option<(&'static Asset, &'static str)> {
    let at = ASSETS.iter().position(|asset| asset.path == path)?;
    Some((ASSETS.get(at)?, TAGS.get(at)?))
}

/// An entity tag: half of the SHA-256 of the compressed content.
fn tag(bytes: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in Sha256::digest(bytes).iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Bytes of the whole page, compressed.
    const BYTES_MAX: usize = 150_000;
    const LINES_MAX: usize = 300;
    const PREACT: &str = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7";

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console")
    }

    fn files(below: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    fn text(asset: &Asset) -> String {
        String::from_utf8(asset.packed.bytes().unwrap()).unwrap()
    }

    #[test]
    fn every_file_is_in_the_table() {
        let served: BTreeSet<String> = ASSETS
            .iter()
            .map(|asset| if asset.path.is_empty() { "index.html" } else { asset.path }.to_owned())
            .collect();
        assert_eq!(served.len(), ASSETS.len(), "a path is there twice");
        let there = files(&folder()).into_iter().filter(|path| path.extension().is_none_or(|end| end != "rs"));
        let there = there.map(|path| path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(served, there);
    }

    #[test]
    fn page_and_modules_stay_small() {
        let bytes: usize = ASSETS.iter().map(|asset| asset.packed.0.len()).sum();
        assert!(bytes <= BYTES_MAX, "the page has {bytes} bytes");
        for asset in ASSETS.iter().filter(|asset| asset.media_type == JS && !asset.path.starts_with("vendor/")) {
            let lines = text(asset).lines().count();
            assert!(lines <= LINES_MAX, "{} has {lines} lines", asset.path);
        }
    }

    #[test]
    fn vendored_file_is_as_published() {
        let (preact, _) = asset("vendor/preact.js").unwrap();
        let bytes = preact.packed.bytes().unwrap();
        let hash = Sha256::digest(bytes).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        assert_eq!(hash, PREACT);
    }

    /// Violations of the policy would only show in a browser.
    #[test]
    fn nothing_is_inline_and_text_is_not_html() {
        for asset in ASSETS.iter().filter(|asset| !asset.path.starts_with("vendor/")) {
            let text = text(asset);
            for forbidden in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "style=\"", "javascript:", "eval(", "@import"]
            {
                assert!(!text.contains(forbidden), "{} has {forbidden}", asset.path);
            }
        }
        let index = text(asset("").unwrap().0);
        assert!(
            index.matches("<script").count() == 1 && index.contains("<script type=\"module\" src=\"app.js\"></script>")
        );
    }
}
