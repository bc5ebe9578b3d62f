package wksmock.junit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What a server is started with. Tests with equal setups share a server. */
final class Setup {
    private static final String CURE = "install wksmock, and put it into PATH, name its path in the variable WKSMOCK_BINARY, "
        + "or pass it to binary(PATH) of the extension";

    /** Flags without which this extension cannot reach its server. */
    private static final List<String> OWN_FLAGS = List.of("--env-file", "--no-admin");

    /** The variables of this process, which has those of a server under {@code wksmock run}. */
    static final Supplier<Map<String, String>> ENVIRONMENT = System::getenv;

    final String binary;
    final String seed;
    final List<String> users;
    final List<String> args;
    final boolean tls;
    /** Gives the variables of a server that runs elsewhere. */
    private final Supplier<Map<String, String>> elsewhere;

    Setup(
            String binary, String seed, List<String> users, List<String> args, boolean tls,
            Supplier<Map<String, String>> elsewhere) {
        this.binary = binary;
        this.seed = seed;
        this.users = List.copyOf(users);
        this.args = List.copyOf(args);
        this.tls = tls;
        this.elsewhere = elsewhere;
    }

    /** Returns the setup of tests that ask for nothing. */
    static Setup plain() {
        return new Setup("", "", List.of(), List.of(), false, ENVIRONMENT);
    }

    static Setup of(WksmockTest test) {
        if (test.seed().length > 1) {
            throw new IllegalArgumentException("@WksmockTest: one seed is expected, not " + Arrays.toString(test.seed()));
        }
        String seed = test.seed().length == 0 ? "" : Long.toUnsignedString(test.seed()[0]);
        return new Setup("", seed, List.of(test.users()), List.of(test.args()), test.tls(), ENVIRONMENT);
    }

    /** Returns the server that runs elsewhere, as around this process, or starts one. */
    Server server() {
        Map<String, String> variables = elsewhere.get();
        boolean hasUrl = !variables.getOrDefault("WKSMOCK_URL", "").isEmpty();
        return hasUrl || elsewhere != ENVIRONMENT ? Server.running(this, variables) : Server.start(this);
    }

    /** Returns the path of the wksmock command. */
    String command() {
        String named = System.getenv("WKSMOCK_BINARY");
        if (!binary.isEmpty()) {
            return runnable(binary, "binary(PATH)");
        }
        if (named != null && !named.isEmpty()) {
            return runnable(named, "WKSMOCK_BINARY");
        }
        for (String folder : Objects.toString(System.getenv("PATH"), "").split(File.pathSeparator)) {
            Path path = Path.of(folder.isEmpty() ? "." : folder, "wksmock").toAbsolutePath();
            if (Files.isRegularFile(path) && Files.isExecutable(path)) {
                return path.toString();
            }
        }
        throw new IllegalStateException("No wksmock command in PATH: " + CURE);
    }

    private static String runnable(String name, String source) {
        Path path = Path.of(name).toAbsolutePath();
        if (Files.isRegularFile(path) && Files.isExecutable(path)) {
            return path.toString();
        }
        throw new IllegalStateException(source + " names " + name + ", which is not an executable file: " + CURE);
    }

    /** Returns the flags of {@code serve}. */
    List<String> serve() {
        for (String arg : args) {
            if (OWN_FLAGS.contains(arg.split("=", 2)[0])) {
                throw new IllegalArgumentException(arg + " cannot be among the args: this extension finds the server by a file of its "
                    + "own, and needs its admin API");
            }
        }
        List<String> all = usersFlags();
        all.addAll(args);
        if (!seed.isEmpty()) {
            all.addAll(List.of("--seed", seed));
        }
        if (tls) {
            all.add("--tls");
        }
        return all;
    }

    List<String> usersFlags() {
        List<String> all = new ArrayList<>();
        users.forEach(file -> all.addAll(List.of("--users", file)));
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Setup && values().equals(((Setup) other).values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    private List<Object> values() {
        return List.of(binary, seed, users, args, tls, elsewhere);
    }
}
