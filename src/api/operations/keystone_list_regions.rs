//! Lists the regions: the names of the loaded projects.

use super::keystone::{PER_PAGE, links};
use crate::api::admitted::Admitted;
use crate::api::own::Own;
use crate::fixture::Project;
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Own<'a> {
    let url = call.whole.url();
    let names: BTreeSet<_> = call.running().setup.directory().projects().iter().filter_map(Project::name).collect();
    let regions = names.into_iter().take(PER_PAGE).map(|id| {
        json!({
            "id": id,
            "description": "",
            "parent_region_id": null,
            "type": "public",
            "locales": { "en-us": id, "zh-cn": id },
            "links": { "self": format!("{url}/v3/regions/{id}") },
        })
    });
    let regions: Vec<_> = regions.collect();
    Own::of(call).saying(json!({ "links": links(call), "regions": regions }))
}
