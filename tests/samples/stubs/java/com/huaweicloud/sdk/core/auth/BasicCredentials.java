package com.huaweicloud.sdk.core.auth;

public class BasicCredentials extends AbstractCredentials<BasicCredentials> {
    public BasicCredentials withProjectId(String projectId) {
        return this;
    }
}
