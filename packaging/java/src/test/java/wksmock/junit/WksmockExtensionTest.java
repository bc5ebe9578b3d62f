package wksmock.junit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the classes below as JUnit does, and looks at their failures. */
class WksmockExtensionTest {
    /** Resets the password of the first user, and returns the status. */
    static int reset(Wksmock mock) throws IOException, InterruptedException {
        URI uri = URI.create(mock.url() + "/v2/" + mock.project() + "/users/" + mock.user() + "/random-password?notification_type=email");
        HttpRequest request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json").build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
    }

    static List<Integer> statuses(Wksmock mock, int calls) throws IOException, InterruptedException {
        Integer[] statuses = new Integer[calls];
        for (int call = 0; call < calls; call++) {
            statuses[call] = reset(mock);
        }
        return Arrays.asList(statuses);
    }

    /** Runs a class, and returns the failure of each test by its method. */
    private static Map<String, Throwable> failures(Class<?> type) {
        SummaryGeneratingListener seen = new SummaryGeneratingListener();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selectClass(type)).build(), seen);
        assertNotEquals(0, seen.getSummary().getTestsFoundCount());
        assertTrue(seen.getSummary().getFailures().stream().allMatch(one -> one.getTestIdentifier().isTest()), "a class failed");
        return seen.getSummary().getFailures().stream().collect(Collectors.toMap(
            one -> one.getTestIdentifier().getDisplayName().replaceAll("\\(.*", ""), failure -> failure.getException()));
    }

    /** Returns the only failure of the only test of a class. */
    private static Throwable failure(Class<?> type) {
        Map<String, Throwable> failures = failures(type);
        assertEquals(1, failures.size(), failures.toString());
        return failures.values().iterator().next();
    }

    private static void contains(String text, String... parts) {
        assertAll(Arrays.stream(parts).map(part -> () -> assertTrue(text.contains(part), part + " is not in\n" + text)));
    }

    @WksmockTest
    static class Unmet {
        @Test
        @WksmockScenario("outage.json")
        void test(Wksmock mock) throws Exception {
            mock.expect("{\"name\": \"calls twice\", \"calls\": {\"min\": 2}}");
            reset(mock);
        }
    }

    @Test
    void failedExpectationsFailTheirTestWithEvidenceAndJournal() {
        Throwable failure = failure(Unmet.class);
        assertEquals(AssertionError.class, failure.getClass());
        contains(failure.getMessage(),
            "failed: sees it through (outage.json:6:5)\n  expected: ",
            "api-test (…0001)  ",
            " ms 503 by \"two outages\"",
            "\nfailed: calls twice\n  expected: at least 2 calls\n  but:      ");
        assertEquals(1, failure.getSuppressed().length);
        contains(failure.getSuppressed()[0].toString(),
            "wksmock: the journal of project ",
            "/users/8a2c3f9579d240820179d51e6caf0001/random-password?notification_type=email  call 1  answered with 503 after ",
            ", status by \"two outages\"");
    }

    @WksmockTest
    static class FailedAlone {
        @Test
        void test(Wksmock mock) throws Exception {
            reset(mock);
            fail("on its own");
        }
    }

    @Test
    void failedTestHasItsJournal() {
        Throwable failure = failure(FailedAlone.class);
        assertEquals("on its own", failure.getMessage());
        contains(failure.getSuppressed()[0].toString(), "call 1  answered with 200");
    }

    @WksmockTest
    static class LostAnswer {
        @Test
        void test(Wksmock mock) throws Exception {
            mock.override("{\"name\": \"lost\", \"when\": {\"calls\": \"1\"}, \"fault\": \"reset\", \"phase\": \"after\"}");
            mock.expect("{\"name\": \"calls once\", \"calls\": {\"max\": 1}}");
            // The client of the JDK repeats the call by itself.
            assertEquals(200, reset(mock));
            assertEquals(Optional.of(mock.password(mock.user(), 2)), mock.password(mock.user()));
            assertEquals(Optional.of("reset"), mock.requests().get(0).fault());
        }
    }

    @Test
    void evidenceSaysThatThePasswordOfALostAnswerWasReset() {
        Throwable failure = failure(LostAnswer.class);
        contains(failure.getMessage(), " ms reset (done) by \"lost\"", "(done) means that the password was reset");
        contains(failure.getSuppressed()[0].toString(), "cut, reset after the password was reset, fault by \"lost\"");
    }

    @WksmockTest
    @WksmockScenario("outage.json")
    static class Aborted {
        @Test
        void test(Wksmock mock) {
            Assumptions.assumeTrue(mock.url().isEmpty(), "skipped");
        }
    }

    @Test
    void abortedTestIsNotJudged() {
        assertEquals(Map.of(), failures(Aborted.class));
    }

    static class Scenarios {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().scenario("builtin:denied").build();

        @Test
        void ofTheExtension(Wksmock mock) throws Exception {
            assertEquals(403, reset(mock));
        }

        @Test
        @WksmockScenario("{\"rules\": [{\"name\": \"own\", \"status\": 404}]}")
        void ofTheMethod(Wksmock mock) throws Exception {
            assertEquals(404, reset(mock));
        }

        @Nested
        @WksmockScenario("root.json")
        class Inner {
            private int before;

            @BeforeEach
            void before(Wksmock mock) throws Exception {
                before = reset(mock);
            }

            @Test
            void ofTheClass(Wksmock mock) throws Exception {
                assertEquals(500, before);
                assertEquals(500, reset(mock));
                assertEquals(2, mock.requests().size());
            }

            @Nested
            class Innermost {
                @RepeatedTest(3)
                void ofTheClassAround(Wksmock mock) throws Exception {
                    assertEquals(List.of(500, 500), statuses(mock, 2));
                    assertEquals(3, mock.requests().size());
                }
            }
        }
    }

    @Test
    void nearestScenarioApplies() {
        assertEquals(Map.of(), failures(Scenarios.class));
    }

    @WksmockTest
    static class Values {
        @Test
        void ofTheCloneAlone(Wksmock mock) throws Exception {
            assertEquals(Optional.empty(), mock.password(mock.user()));
            assertEquals(200, reset(mock));
            assertEquals(Optional.of(mock.password(mock.user(), 1)), mock.password(mock.user()));
            assertNotEquals(mock.password(mock.user(), 1), mock.password(mock.user(), 2));
            WksmockRequest request = mock.requests().get(0);
            assertEquals(1, mock.requests().size());
            assertEquals(List.of("email"), request.notificationTypes());
            assertEquals("application/json", request.headers().get("content-type"));
            assertEquals(mock.password(mock.user()), request.password());
            assertEquals(200, request.status().orElseThrow());
            WksmockMessage message = mock.outbox().get(0);
            assertEquals(1, mock.outbox().size());
            assertEquals("email", message.type());
            assertEquals(mock.user(), message.user());
            assertEquals(mock.password(mock.user()), Optional.of(message.password()));
            mock.verify(Duration.ofSeconds(1));
        }

        @Test
        void ofFaults(Wksmock mock) throws Exception {
            mock.fault("*=500:1", "0001=404:2");
            assertEquals(List.of(500, 404, 200), statuses(mock, 3));
        }

        @Test
        void inItsEnvironment(Wksmock mock) {
            Map<String, String> env = mock.env();
            assertEquals(mock.project(), env.get("WKSMOCK_PROJECT"));
            assertEquals(mock.project(), env.get("HUAWEICLOUD_SDK_PROJECT_ID"));
            assertEquals(mock.url(), env.get("WKSMOCK_URL"));
            assertEquals(mock.user(), env.get("WKSMOCK_USER"));
        }

        @Test
        void ofWrongInput(Wksmock mock) {
            Map.<String, Runnable>of(
                "does not document status 409", () -> mock.override("{\"status\": 409}"),
                "rule: expected a JSON object, not 503", () -> mock.override("503"),
                "rule: expected an object in \"when\"", () -> mock.override("{\"when\": 1}"),
                "rule: line 1, column 2: expected", () -> mock.override("{"),
                "unknown field `cals`", () -> mock.expect("{\"name\": \"a\", \"cals\": {\"max\": 1}}"),
                "does not document status 418", () -> mock.fault("*=418"),
                "unknown", () -> mock.password("unknown", 1)
            ).forEach((message, call) -> contains(assertThrows(IllegalArgumentException.class, call::run).getMessage(), message));
        }
    }

    @Test
    void valuesAreThoseOfTheClone() {
        assertEquals(Map.of(), failures(Values.class));
    }

    @WksmockTest
    static class WrongScenarios {
        @Test
        @WksmockScenario("{\n  \"rules\": [{\"name\": \"a\", \"status\": 409}]}")
        void status() {}

        @Test
        @WksmockScenario("missing.json")
        void file() {}

        @Test
        @WksmockScenario("builtin:outrage")
        void name() {}
    }

    @Test
    void wrongScenariosAreExplained() {
        Map<String, Throwable> failures = failures(WrongScenarios.class);
        contains(failures.get("status").getMessage(), "scenario:2:37: ", "does not document status 409", "hint: ");
        contains(failures.get("file").getMessage(), "missing.json", WrongScenarios.class.getName(), "builtin:NAME");
        contains(failures.get("name").getMessage(), "outrage", "outage");
    }

    @WksmockTest
    static class InConstructor {
        InConstructor(Wksmock mock) {}

        @Test
        void test() {}
    }

    @Test
    void constructorCannotHaveTheMockOfATest() {
        contains(failure(InConstructor.class).getMessage(), "Each test has a Wksmock of its own", "not of a constructor");
    }

    private static String urlOfEnded;

    static class Clock {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().args("--clock", "manual").build();

        @Test
        void test(Wksmock mock) throws Exception {
            urlOfEnded = mock.url();
            mock.override("{\"name\": \"maintenance\", \"when\": {\"time_ms\": [1000, 2000]}, \"status\": 503}");
            assertEquals(200, reset(mock));
            mock.advance(Duration.ofSeconds(1));
            assertEquals(503, reset(mock));
            mock.advance(Duration.ofSeconds(1));
            assertEquals(200, reset(mock));
        }
    }

    @Test
    void serverEndsWithTheTestRun() {
        assertEquals(Map.of(), failures(Clock.class));
        HttpRequest request = HttpRequest.newBuilder(URI.create(urlOfEnded + "/__admin/health")).build();
        assertThrows(IOException.class, () -> HttpClient.newHttpClient().send(request, BodyHandlers.ofString()));
    }

    @TempDir
    static Path folder;

    private static String[] seen;

    static class Seeds {
        @RegisterExtension
        static final WksmockExtension MOCK =
            WksmockExtension.newInstance().seed(7).users(folder.resolve("users.json").toString()).build();

        @Test
        void test(Wksmock mock) {
            seen = new String[] {mock.user(), mock.password("u1", 1)};
        }
    }

    @WksmockTest(seed = 8)
    static class OtherSeed {
        @Test
        void test(Wksmock mock) {
            seen = new String[] {mock.user(), mock.password(mock.user(), 1)};
        }
    }

    @WksmockTest
    static class NoSeed {
        @Test
        void test(Wksmock mock) {
            seen = new String[] {mock.user(), mock.password(mock.user(), 1)};
        }
    }

    @Test
    void seedsAndUsersAreThoseOfTheExtension() throws IOException {
        Files.writeString(folder.resolve("users.json"),
            "{\"projects\": [{\"id\": \"p1\", \"users\": [{\"id\": \"u1\", \"user_name\": \"zoe\"}]}]}");
        assertEquals(Map.of(), failures(Seeds.class));
        assertEquals("u1", seen[0]);
        assertEquals(Map.of(), failures(NoSeed.class));
        String password = seen[1];
        assertEquals(Map.of(), failures(NoSeed.class));
        assertEquals(password, seen[1]);
        assertEquals(Map.of(), failures(OtherSeed.class));
        assertNotEquals(password, seen[1]);
    }

    static class Elsewhere {
        private static Process process;

        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().server(Elsewhere::start).build();

        static Map<String, String> start() {
            List<String> serve = List.of(Setup.plain().command(), "serve", "--port", "0", "--exit-with-parent", "--admin-token", "secret");
            try {
                process = new ProcessBuilder(serve).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                String ready = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
                return Map.of("WKSMOCK_URL", ready.substring("wksmock listening on ".length()), "WKSMOCK_PROJECT",
                    "0bec5db98280d2d02fd6c00c2de791ce", "WKSMOCK_USER", "8a2c3f9579d240820179d51e6caf0002", "WKSMOCK_ADMIN_TOKEN", "secret");
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Test
        void test(Wksmock mock) throws Exception {
            assertEquals("8a2c3f9579d240820179d51e6caf0002", mock.user());
            assertEquals(List.of(200, 200), statuses(mock, 2));
            assertEquals(2, mock.requests().size());
        }
    }

    static class WrongToken {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().server(WrongToken::variables).build();

        static Map<String, String> variables() {
            Map<String, String> variables = new HashMap<>(Elsewhere.start());
            variables.remove("WKSMOCK_ADMIN_TOKEN");
            return variables;
        }

        @Test
        void test() {}
    }

    static class Nowhere {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().server(Map::of).build();

        @Test
        void test() {}
    }

    @Test
    void serverElsewhereIsUsedWithItsTokenAndNotStopped() {
        try {
            assertEquals(Map.of(), failures(Elsewhere.class));
            assertTrue(Elsewhere.process.isAlive());
            Elsewhere.process.destroy();
            contains(failure(WrongToken.class).getMessage(), "refuses the token", "WKSMOCK_ADMIN_TOKEN");
        } finally {
            Elsewhere.process.destroy();
        }
        contains(failure(Nowhere.class).getMessage(), "WKSMOCK_URL and WKSMOCK_PROJECT only together");
    }

    static class BeyondLoopback {
        @RegisterExtension
        static final WksmockExtension MOCK =
            WksmockExtension.newInstance().args("--host", "0.0.0.0", "--admin-token=secret").build();

        @Test
        void test(Wksmock mock) throws Exception {
            assertEquals(200, reset(mock));
        }
    }

    @Test
    void serverBeyondLoopbackTakesItsToken() {
        assertEquals(Map.of(), failures(BeyondLoopback.class));
    }

    static class Generated {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance()
            .args("--users", folder.resolve("zoe.json").toString(), "--listen=0.0.0.0:0", "--admin-token", "generate", "--log-level", "error")
            .build();

        @Test
        void test(Wksmock mock) throws Exception {
            assertEquals(200, reset(mock));
            assertEquals("u1", mock.user());
            assertEquals("u1", mock.env().get("WKSMOCK_USER"));
            assertTrue(mock.env().get("WKSMOCK_URL").startsWith("http://127.0.0.1:"));
            assertEquals(List.of(Optional.empty(), Optional.empty()), List.of(mock.httpsUrl(), mock.caFile()));
            assertTrue(!mock.env().containsKey("WKSMOCK_ADMIN_TOKEN"));
        }
    }

    @Test
    void argsReachTheVariables() throws IOException {
        Files.writeString(folder.resolve("zoe.json"),
            "{\"projects\": [{\"id\": \"p1\", \"users\": [{\"id\": \"u1\", \"user_name\": \"zoe\", \"user_email\": \"z@example.com\"}]}]}");
        assertEquals(Map.of(), failures(Generated.class));
    }

    @WksmockTest(args = {"--admin-listen", "127.0.0.1:0"})
    static class SeparateAdmin {
        @Test
        void test(Wksmock mock) throws Exception {
            assertEquals(200, reset(mock));
            HttpRequest health = HttpRequest.newBuilder(URI.create(mock.url() + "/__admin/health")).build();
            assertEquals(404, HttpClient.newHttpClient().send(health, BodyHandlers.ofString()).statusCode());
            assertTrue(!mock.env().containsKey("WKSMOCK_ADMIN_URL"));
        }
    }

    @Test
    void separateAdminApiIsFound() {
        assertEquals(Map.of(), failures(SeparateAdmin.class));
    }

    @WksmockTest(args = "--no-admin")
    static class WithoutAdmin {
        @Test
        void test() {}
    }

    @WksmockTest(args = "--env-file=here")
    static class OtherFile {
        @Test
        void test() {}
    }

    @Test
    void flagsThatHideTheServerAreRefused() {
        contains(failure(WithoutAdmin.class).getMessage(), "--no-admin cannot be among the args");
        contains(failure(OtherFile.class).getMessage(), "--env-file=here cannot be among the args");
    }

    @WksmockTest(tls = true)
    static class Secure {
        @Test
        void test(Wksmock mock) throws Exception {
            assertEquals(200, reset(mock));
            String url = mock.httpsUrl().orElseThrow();
            Path trusted = mock.caFile().orElseThrow();
            HttpClient client = HttpClient.newBuilder().sslContext(trusting(trusted)).build();
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v3/regions")).build();
            assertEquals(200, client.send(request, BodyHandlers.ofString()).statusCode());
            assertEquals(url, mock.env().get("WKSMOCK_URL"));
            assertEquals(trusted.toString(), mock.env().get("SSL_CERT_FILE"));
            assertTrue(mock.env().get("JAVA_TOOL_OPTIONS").contains("-Djavax.net.ssl.trustStore="));
        }

        private static SSLContext trusting(Path file) throws Exception {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            try (InputStream certificates = Files.newInputStream(file)) {
                for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(certificates)) {
                    store.setCertificateEntry("trusted" + store.size(), one);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        }
    }

    static class SecureElsewhere {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().server(OtherSettings::running).tls().build();

        @Test
        void test(Wksmock mock) {}
    }

    @Test
    void httpsIsServedOnRequest() {
        assertEquals(Map.of(), failures(Secure.class));
        try {
            contains(failure(SecureElsewhere.class).getMessage(), "asks for HTTPS: give --tls to `wksmock run`");
        } finally {
            Elsewhere.process.destroy();
        }
    }

    static class OtherSettings {
        @RegisterExtension
        static final WksmockExtension ARGS =
            WksmockExtension.newInstance().server(OtherSettings::running).args("--lenient").build();

        @Test
        void test(Wksmock mock) {}

        static Map<String, String> running() {
            Map<String, String> variables = new HashMap<>(Elsewhere.start());
            variables.put("WKSMOCK_USER", "8a2c3f9579d240820179d51e6caf0001");
            return variables;
        }
    }

    static class OtherUsers {
        @RegisterExtension
        static final WksmockExtension USERS = WksmockExtension.newInstance().server(OtherSettings::running)
            .users(folder.resolve("others.json").toString()).build();

        @Test
        void test(Wksmock mock) {}
    }

    static class OtherSeeds {
        @RegisterExtension
        static final WksmockExtension SEED = WksmockExtension.newInstance().server(OtherSettings::running).seed(3).build();

        @Test
        void test(Wksmock mock) {}
    }

    @Test
    void serverElsewhereIsHeldToTheSettings() throws IOException {
        Files.writeString(folder.resolve("others.json"), "{\"projects\": [{\"id\": \"p1\", \"users\": [{\"id\": \"u1\"}]}]}");
        contains(failure(OtherSettings.class).getMessage(), "args of its own: give --lenient to `wksmock run`");
        contains(failure(OtherUsers.class).getMessage(), "other users: give --users ", "others.json to `wksmock run`");
        contains(failure(OtherSeeds.class).getMessage(), "seed 3, not 0: give --seed 3 to `wksmock run`");
        Elsewhere.process.destroy();
    }

    @WksmockTest
    static class Idle {
        @Test
        @WksmockScenario("{\"rules\": [{\"name\": \"unused\", \"when\": {\"calls\": \"9\"}, \"status\": 503}]}")
        void test(Wksmock mock) throws Exception {
            mock.override("{\"name\": \"struck\", \"status\": 500}");
            mock.fault("0002=500");
            assertEquals(500, reset(mock));
        }
    }

    @Test
    void ruleThatNeverStruckIsReported() {
        List<String> published = new ArrayList<>();
        TestExecutionListener listener = new TestExecutionListener() {
            @Override
            public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
                published.addAll(entry.getKeyValuePairs().values());
            }
        };
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Idle.class)).build(), listener);
        assertEquals(2, published.size(), published.toString());
        contains(published.toString(), "never struck: unused (scenario:1:12)", "never struck: 8a2c3f9579d240820179d51e6caf0002=500");
    }

    static class Ended {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().seed(99).build();

        @Test
        void test(Wksmock mock) throws Exception {
            URI uri = URI.create(mock.url() + "/__admin/shutdown");
            HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.discarding());
            while (true) {
                mock.requests();
            }
        }
    }

    @Test
    void serverThatEndedIsExplained() {
        contains(failure(Ended.class).getMessage(), "no answer from ", "the server has ended with code 0");
    }

    @WksmockTest
    static class Ids {
        @RepeatedTest(2)
        void drawsTheSameOnEveryRun(Wksmock mock) {
            ids.add(mock.project());
            mock.expect("{\"calls\": {\"max\": 0}}");
            mock.expect("{\"calls\": {\"max\": 1}}");
        }
    }

    private static final List<String> ids = new ArrayList<>();

    @Test
    void idOfACloneComesFromItsTest() {
        assertEquals(Map.of(), failures(Ids.class));
        assertEquals(Map.of(), failures(Ids.class));
        assertEquals(ids.subList(0, 2), ids.subList(2, 4));
        assertNotEquals(ids.get(0), ids.get(1));
        contains(ids.get(0), "drawsTheSameOnEveryRun-");
    }

    static class WrongBinary {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().binary(Path.of("/missing/wksmock")).build();

        @Test
        void test() {}
    }

    static class OtherProgram {
        @RegisterExtension
        static final WksmockExtension MOCK = WksmockExtension.newInstance().binary(Path.of("/bin/echo")).build();

        @Test
        void test() {}
    }

    @WksmockTest(args = {"--fidelty", "observed"})
    static class WrongFlag {
        @Test
        void test() {}
    }

    @Test
    void serverThatDoesNotStartIsExplained() {
        contains(failure(WrongBinary.class).getMessage(), "binary(PATH) names /missing/wksmock", "WKSMOCK_BINARY", "install wksmock");
        contains(failure(OtherProgram.class).getMessage(), "/bin/echo is not the wksmock command: it printed \"serve --exit-with-parent");
        contains(failure(WrongFlag.class).getMessage(), "ended before it was ready", "--fidelty", "--fidelity");
    }
}
