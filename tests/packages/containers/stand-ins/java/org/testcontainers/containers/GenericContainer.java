package org.testcontainers.containers;

import java.io.IOException;
import org.testcontainers.containers.wait.strategy.WaitStrategy;

public class GenericContainer<SELF extends GenericContainer<SELF>> {
    public interface ExecResult {
        String getStdout();
    }

    public GenericContainer(String image) {}

    public SELF withEnv(String name, String value) {
        throw new UnsupportedOperationException();
    }

    public SELF withExposedPorts(Integer... ports) {
        throw new UnsupportedOperationException();
    }

    public SELF waitingFor(WaitStrategy strategy) {
        throw new UnsupportedOperationException();
    }

    public void start() {
        throw new UnsupportedOperationException();
    }

    public String getHost() {
        throw new UnsupportedOperationException();
    }

    public Integer getMappedPort(int port) {
        throw new UnsupportedOperationException();
    }

    public ExecResult execInContainer(String... command) throws UnsupportedOperationException, IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }
}
