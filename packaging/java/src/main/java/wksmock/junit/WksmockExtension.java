package wksmock.junit;

import java.lang.reflect.AnnotatedElement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/**
 * Gives each test a {@link Wksmock} as parameter, judges its expectations when the test has ended, and fails the test with the
 * evidence if one does not hold.
 *
 * <pre>{@code
 * class ResetTest {
 *     @RegisterExtension
 *     static final WksmockExtension MOCK = WksmockExtension.newInstance().seed(7).build();
 *
 *     @Test
 *     @WksmockScenario("flaky.json")
 *     void twoOutagesAreSurvived(Wksmock mock) {
 *         mock.expect("{\"name\": \"gives up after three\", \"calls\": {\"max\": 3}}");
 *         assertEquals(10, reset(mock.url(), mock.project(), mock.user()).length());
 *     }
 * }
 * }</pre>
 *
 * <p>The server starts with the first test and stops with the test run, whether that passes, fails or is killed. Extensions with
 * the same settings share one server, and extensions with different ones have one each. The wksmock command is the one given with
 * {@link Builder#binary}, else the one that the variable {@code WKSMOCK_BINARY} names, else the one in {@code PATH}. Under {@code
 * wksmock run -- mvn test}, tests use the server of that command.
 *
 * <p>The clone of a test has call numbers, rules, a journal and an outbox of its own, so parallel tests do not affect each other.
 * A failed test has the journal of its clone as a suppressed {@link WksmockJournal}.
 */
public final class WksmockExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace SERVERS = Namespace.create(WksmockExtension.class);

    private final Namespace clones = Namespace.create(WksmockExtension.class, this);
    private final Optional<Setup> setup;
    private final String scenario;

    /** Makes an extension for {@code @ExtendWith}, with the settings of {@link WksmockTest}, if that is on the test class. */
    public WksmockExtension() {
        this(Optional.empty(), "");
    }

    private WksmockExtension(Optional<Setup> setup, String scenario) {
        this.setup = setup;
        this.scenario = scenario;
    }

    /** Begins an extension for a field with {@code @RegisterExtension}. */
    public static Builder newInstance() {
        return new Builder();
    }

    /** The settings of an extension. */
    public static final class Builder {
        private String binary = "";
        private String seed = "";
        private String scenario = "";
        private final List<String> users = new ArrayList<>();
        private final List<String> args = new ArrayList<>();
        private boolean tls;

        private Supplier<Map<String, String>> elsewhere = Setup.ENVIRONMENT;

        private Builder() {}

        /** Sets the seed from which passwords, chances and delays are drawn. Default: the seed in the users files, else 0. */
        public Builder seed(long seed) {
            this.seed = Long.toUnsignedString(seed);
            return this;
        }

        /** Adds users files, or folders of them, that the server loads in place of the built-in users. */
        public Builder users(String... files) {
            users.addAll(List.of(files));
            return this;
        }

        /** Sets the scenario of tests without a {@link WksmockScenario}, in the same form. */
        public Builder scenario(String source) {
            this.scenario = source;
            return this;
        }

        /** Adds flags of {@code wksmock serve}, as in {@code args("--auth", "required")}. */
        public Builder args(String... more) {
            args.addAll(List.of(more));
            return this;
        }

        /** Serves HTTPS too: then {@link Wksmock#env} leads to it. See {@link Wksmock#httpsUrl}. */
        public Builder tls() {
            this.tls = true;
            return this;
        }

        /** Sets the path of the wksmock command. */
        public Builder binary(Path path) {
            this.binary = path.toString();
            return this;
        }

        /**
         * Uses a server that runs elsewhere, such as in a container.
         *
         * @param variables gives what {@code wksmock env} prints for that server, and {@code WKSMOCK_ADMIN_TOKEN} if it has one; it is
         *     called when the first test begins
         */
        public Builder server(Supplier<Map<String, String>> variables) {
            this.elsewhere = variables;
            return this;
        }

        public WksmockExtension build() {
            return new WksmockExtension(Optional.of(new Setup(binary, seed, users, args, tls, elsewhere)), scenario);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Setup wanted = setup.orElseGet(() -> annotated(context));
        Server server = context.getRoot().getStore(SERVERS).getOrComputeIfAbsent(wanted, Setup::server, Server.class);
        Scenario own = Scenario.read(scenarioOf(context), context.getRequiredTestClass(), server);
        context.getStore(clones).put(Wksmock.class, Wksmock.of(server, own, cloneId(context)));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Wksmock mock = context.getStore(clones).remove(Wksmock.class, Wksmock.class);
        if (mock == null) {
            return; // it could not be made
        }
        Throwable failure = context.getExecutionException().orElse(null);
        if (failure instanceof TestAbortedException) {
            mock.delete(failure);
            return;
        }
        try {
            for (String rule : mock.end()) {
                context.publishReportEntry("wksmock", "a rule of this test never struck: " + rule);
            }
        } catch (AssertionError | RuntimeException unmet) {
            if (failure == null) {
                failure = unmet;
            }
            throw unmet;
        } finally {
            if (failure != null) {
                failure.addSuppressed(mock.journal());
            }
        }
    }

    /** Returns the id of a test's clone: the same on every run, unlike those of other tests, and readable. */
    private static String cloneId(ExtensionContext context) {
        String test = context.getRequiredTestMethod().getName();
        String name = test.replaceAll("[^A-Za-z0-9_.-]+", "-");
        return name.substring(0, Math.min(name.length(), 60)) + "-" + Integer.toHexString(context.getUniqueId().hashCode());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Wksmock.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Wksmock mock = context.getStore(clones).get(Wksmock.class, Wksmock.class);
        if (mock == null) {
            throw new ParameterResolutionException("Each test has a Wksmock of its own, so it can be a parameter of test methods, "
                + "@BeforeEach and @AfterEach methods, but not of a constructor, @BeforeAll or @AfterAll.");
        }
        return mock;
    }

    /** Returns the settings of the annotation on the test class or on a class around it. */
    private static Setup annotated(ExtensionContext context) {
        for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
            Optional<WksmockTest> found = AnnotationSupport.findAnnotation(type, WksmockTest.class);
            if (found.isPresent()) {
                return Setup.of(found.get());
            }
        }
        return Setup.plain();
    }

    /** Returns the scenario that is nearest to the test: of the method, the class, a class around it, or the extension. */
    private String scenarioOf(ExtensionContext context) {
        List<AnnotatedElement> places = new ArrayList<>();
        places.add(context.getRequiredTestMethod());
        for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
            places.add(type);
        }
        return places.stream()
            .flatMap(place -> AnnotationSupport.findAnnotation(place, WksmockScenario.class).stream())
            .map(WksmockScenario::value)
            .findFirst()
            .orElse(scenario);
    }
}
