package com.huaweicloud.sdk.core.auth;

public class GlobalCredentials extends AbstractCredentials<GlobalCredentials> {
    public GlobalCredentials withDomainId(String domainId) {
        return this;
    }
}
