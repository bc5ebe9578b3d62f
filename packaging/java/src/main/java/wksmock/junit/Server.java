package wksmock.junit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A wksmock server: of this test run, or of the {@code wksmock run} around it. */
final class Server implements ExtensionContext.Store.CloseableResource {
    private static final String READY = "wksmock listening on ";
    private static final long START_SECONDS = 30;
    private static final long STOP_SECONDS = 5;
    private static final Set<String> SET_BY_RUN = Set.of("WKSMOCK_URL", "WKSMOCK_PROJECT", "WKSMOCK_USER", "WKSMOCK_DOMAIN",
        "WKSMOCK_ACCOUNT", "WKSMOCK_PASSWORD", "NO_PROXY", "no_proxy");
    /** Those that it sets beside them with HTTPS. */
    private static final Set<String> TRUST =
        Set.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "JAVA_TOOL_OPTIONS");

    final String url;
    final Admin admin;
    /** The variables for programs under test, with the template of the clones as project. */
    final Map<String, String> env;
    private final Setup setup;
    /** The process; null if it is not of this test run. */
    private final Process process;

    private Server(Setup setup, String url, Admin admin, Map<String, String> env, Process process) {
        this.url = url.replaceAll("/+$", "");
        this.setup = setup;
        this.admin = admin;
        this.env = env;
        this.process = process;
    }

    /** Returns a server that runs already, with the variables that {@code wksmock env} prints. */
    static Server running(Setup setup, Map<String, String> variables) {
        String url = variables.get("WKSMOCK_URL");
        if (url == null || !variables.containsKey("WKSMOCK_PROJECT")) {
            throw new IllegalStateException("The variables of the server have WKSMOCK_URL and WKSMOCK_PROJECT only together, as "
                + "`wksmock run` sets them and `wksmock env` prints them");
        }
        if (!setup.args.isEmpty()) {
            throw differs(url, "args of its own", String.join(" ", setup.args));
        }
        boolean hasHttps = url.startsWith("https:");
        if (setup.tls && !hasHttps) {
            throw differs(url, "HTTPS", "--tls");
        }
        String adminUrl = variables.getOrDefault("WKSMOCK_ADMIN_URL", "");
        Admin admin = new Admin(adminUrl.isEmpty() ? url : adminUrl, variables.get("WKSMOCK_ADMIN_TOKEN"), new Tail(), null);
        // Without the token, health has the status alone, and the next request is refused.
        Object seed = Json.object(admin.call("GET", "/health", null)).get("seed");
        if (!setup.seed.isEmpty() && seed != null && !setup.seed.equals(seed.toString())) {
            throw differs(url, "seed " + setup.seed + ", not " + seed, "--seed " + setup.seed);
        }
        if (!setup.users.isEmpty()) {
            List<String> flags = new ArrayList<>(List.of("env"));
            flags.addAll(setup.usersFlags());
            Map<String, String> own = variables(setup, run(setup, flags));
            if (!own.get("WKSMOCK_PROJECT").equals(variables.get("WKSMOCK_PROJECT"))
                || !Objects.equals(own.get("WKSMOCK_USER"), variables.get("WKSMOCK_USER"))) {
                throw differs(url, "other users", String.join(" ", setup.usersFlags()));
            }
        }
        Map<String, String> env = new LinkedHashMap<>();
        variables.forEach((name, value) -> {
            if (SET_BY_RUN.contains(name) || name.startsWith("HUAWEICLOUD_SDK_") || name.startsWith("CLOUD_SDK_")
                || (hasHttps && TRUST.contains(name))) {
                env.put(name, value);
            }
        });
        return new Server(setup, url, admin, env, null);
    }

    private static IllegalStateException differs(String url, String what, String cure) {
        return new IllegalStateException("The server at WKSMOCK_URL (" + url + ") is running already, but this test asks for " + what
            + ": give " + cure + " to `wksmock run`, or run the test outside it");
    }

    /** Starts a server that stops with the test run, or when this process ends. */
    static Server start(Setup setup) {
        String binary = setup.command();
        Path folder;
        try {
            // A new folder, so that nobody else can put a file in the place of this one.
            folder = Files.createTempDirectory("wksmock-");
        } catch (IOException failed) {
            throw new IllegalStateException("Cannot make a temporary folder", failed);
        }
        Path env = folder.resolve("env");
        List<String> command = new ArrayList<>(List.of(binary, "serve", "--exit-with-parent", "--env-file", env.toString()));
        command.addAll(setup.serve());
        Tail log = new Tail();
        Process process = null;
        try {
            ProcessBuilder serve = prepared(command);
            // Variables give way to flags of the test.
            serve.environment().putAll(Map.of("WKSMOCK_PORT", "0", "WKSMOCK_LOG_LEVEL", "warn"));
            process = serve.start();
            String url = url(command, process, log);
            Map<String, String> variables = variables(setup, Files.readString(env));
            String adminUrl = variables.remove("WKSMOCK_ADMIN_URL");
            Admin admin = new Admin(adminUrl == null ? url : adminUrl, variables.remove("WKSMOCK_ADMIN_TOKEN"), log, process);
            return new Server(setup, url, admin, variables, process);
        } catch (IOException failed) {
            throw new IllegalStateException("Cannot start " + binary, failed);
        } catch (RuntimeException failed) {
            if (process != null) {
                process.destroyForcibly();
            }
            throw failed;
        } finally {
            env.toFile().delete();
            folder.toFile().delete();
        }
    }

    /** Waits for the ready line, and returns its URL. */
    private static String url(List<String> command, Process process, Tail log) {
        Thread logging = follow(process.getErrorStream(), log::add, () -> {});
        CompletableFuture<String> ready = new CompletableFuture<>();
        follow(process.getInputStream(), ready::complete, () -> ready.complete(""));
        String line;
        try {
            line = ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(command + " was not ready after " + START_SECONDS + " s:\n" + log, failed);
        }
        if (line.isEmpty()) {
            join(logging); // now its log is complete
            throw new IllegalStateException(command + " ended before it was ready:\n" + log + olderVersion(log));
        }
        if (!line.startsWith(READY)) {
            throw new IllegalStateException(
                command.get(0) + " is not the wksmock command: it printed \"" + line + "\", not \"" + READY + "URL\"");
        }
        return line.substring(READY.length());
    }

    /** Returns a note if the command does not know the flags of this package. */
    private static String olderVersion(Tail log) {
        boolean isOlder = log.toString().contains("unexpected argument '--env-file'");
        return isOlder ? "\nThis command is older than this package: install the same version of both" : "";
    }

    /** Reads the variables that point programs at a server, among them its first project and user. */
    private static Map<String, String> variables(Setup setup, String lines) {
        Map<String, String> env = new LinkedHashMap<>();
        for (String line : lines.split("\n")) {
            int end = line.indexOf('=');
            if (end > 0) {
                env.put(line.substring(0, end), line.substring(end + 1));
            }
        }
        if (!env.containsKey("WKSMOCK_PROJECT")) {
            throw new IllegalStateException("The users files " + setup.users + " have no project, so nothing can be cloned");
        }
        return env;
    }

    /** Runs another subcommand, and returns its output. */
    String run(String... arguments) {
        return run(setup, List.of(arguments));
    }

    private static String run(Setup setup, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(setup.command()));
        command.addAll(arguments);
        try {
            Process process = prepared(command).start();
            Tail log = new Tail();
            Thread logging = follow(process.getErrorStream(), log::add, () -> {});
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            join(logging);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed:\n" + log);
            }
            return printed;
        } catch (IOException failed) {
            throw new IllegalStateException(command + " failed", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + " was interrupted", interrupted);
        }
    }

    /** Prepares a command without the variables of flags, which would change the server. */
    private static ProcessBuilder prepared(List<String> command) {
        ProcessBuilder prepared = new ProcessBuilder(command);
        prepared.environment().keySet().removeIf(name -> name.startsWith("WKSMOCK_"));
        return prepared;
    }

    /** Reads lines in a thread of its own until they end. */
    private static Thread follow(InputStream stream, Consumer<String> line, Runnable end) {
        Thread reading = new Thread(() -> {
            try (BufferedReader open = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String next = open.readLine(); next != null; next = open.readLine()) {
                    line.accept(next);
                }
            } catch (IOException closed) {
                // The process was destroyed.
            } finally {
                end.run();
            }
        }, "wksmock output");
        reading.setDaemon(true);
        reading.start();
        return reading;
    }

    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the server, if it is of this test run. */
    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** Keeps the last lines of a log. */
    static final class Tail {
        private static final int LINES = 50;

        private final List<String> lines = new ArrayList<>();

        synchronized void add(String line) {
            lines.add(line);
            if (lines.size() > LINES) {
                lines.remove(0);
            }
        }

        @Override
        public synchronized String toString() {
            return String.join("\n", lines);
        }
    }
}
