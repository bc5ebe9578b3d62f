package com.huaweicloud.sdk.core;

import com.huaweicloud.sdk.core.auth.ICredential;
import java.util.function.Supplier;

/** A stand-in that has the names that samples use. */
public class ClientBuilder<T> {
    private final Supplier<T> made;

    public ClientBuilder(Supplier<T> made) {
        this.made = made;
    }

    public ClientBuilder<T> withCredential(ICredential credential) {
        return this;
    }

    public ClientBuilder<T> withEndpoint(String... endpoints) {
        return this;
    }

    public T build() {
        return made.get();
    }
}
