package com.huaweicloud.sdk.core.auth;

abstract class AbstractCredentials<T extends AbstractCredentials<T>> implements ICredential {
    @SuppressWarnings("unchecked")
    public T withAk(String ak) {
        return (T) this;
    }

    @SuppressWarnings("unchecked")
    public T withSk(String sk) {
        return (T) this;
    }
}
