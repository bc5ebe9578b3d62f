package com.huaweicloud.sdk.core.auth;

public interface ICredential {}
