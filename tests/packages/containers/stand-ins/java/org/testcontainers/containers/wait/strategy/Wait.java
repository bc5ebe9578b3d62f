package org.testcontainers.containers.wait.strategy;

public class Wait {
    public static WaitStrategy forLogMessage(String regex, int times) {
        throw new UnsupportedOperationException();
    }

    public static HttpWaitStrategy forHttp(String path) {
        throw new UnsupportedOperationException();
    }
}
