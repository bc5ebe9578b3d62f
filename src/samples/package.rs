//! The vendor's package for a service.

use crate::contract::{Operation, Service};

/// The names of a service in packages.
pub(super) struct Package {
    pub(super) service: &'static str,
    pub(super) version: &'static str,
    /// The Python package.
    pub(super) python: &'static str,
    /// Whether clients take credentials of a domain instead of a project.
    pub(super) is_global: bool,
}

impl Package {
    pub(super) fn of(operation: Operation) -> &'static Self {
        match operation.service {
            Service::Workspace => {
                &Self { service: "Workspace", version: "v2", python: "huaweicloudsdkworkspace", is_global: false }
            }
            Service::Keystone | Service::Iam => {
                &Self { service: "Iam", version: "v3", python: "huaweicloudsdkiam", is_global: true }
            }
            Service::Sts => &Self { service: "Sts", version: "v1", python: "huaweicloudsdksts", is_global: false },
        }
    }

    /// The service in lower case, as in package names.
    pub(super) fn lower(&self) -> String {
        self.service.to_ascii_lowercase()
    }

    pub(super) fn java_artifact(&self) -> String {
        format!("huaweicloud-sdk-{}", self.lower())
    }

    /// The class of the credentials.
    pub(super) fn credentials(&self) -> &'static str {
        if self.is_global { "GlobalCredentials" } else { "BasicCredentials" }
    }
}
