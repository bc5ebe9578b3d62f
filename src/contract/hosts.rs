//! The hosts of the emulated services, as the vendor's SDKs have them in their tables of regions.

/// The regions of Workspace.
const REGIONS: [&str; 18] = [
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "cn-east-3",
    "cn-east-5",
    "cn-north-11",
    "cn-north-4",
    "cn-north-9",
    "cn-south-1",
    "cn-southwest-2",
    "eu-west-101",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "sa-brazil-1",
    "tr-west-1",
];

/// The services by the first label of their hosts.
const SERVICES: [&str; 3] = ["workspace", "iam", "sts"];

/// Hosts outside the pattern: IAM's global one, and that of its European partition.
const OTHERS: [&str; 2] = ["iam.myhuaweicloud.com", "iam.eu-west-101.myhuaweicloud.eu"];

/// The host of each emulated service in each region of Workspace.
pub(crate) fn service_hosts() -> impl Iterator<Item = String> {
    let regional = REGIONS
        .iter()
        .flat_map(|region| SERVICES.iter().map(move |service| format!("{service}.{region}.myhuaweicloud.com")));
    regional.chain(OTHERS.map(str::to_owned))
}
