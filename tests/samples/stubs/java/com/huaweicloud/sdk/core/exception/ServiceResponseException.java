package com.huaweicloud.sdk.core.exception;

public class ServiceResponseException extends RuntimeException {
    public int getHttpStatusCode() {
        return 403;
    }

    public String getErrorCode() {
        return "CODE";
    }

    public String getErrorMsg() {
        return "message";
    }

    public String getRequestId() {
        return "an-id";
    }

    public String getEncodedAuthorizationMessage() {
        return "sealed";
    }
}
