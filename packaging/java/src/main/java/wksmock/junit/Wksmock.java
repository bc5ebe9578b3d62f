package wksmock.junit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The mock of one test: a clone of the server's project, with call numbers, rules, a journal and an outbox of its own.
 *
 * <p>Rules and expectations are JSON, as in scenario files. What is wrong in them fails the test at once, with place and hint.
 */
public final class Wksmock {
    private static final int PAGE = 1000;
    private static final int JOURNAL_SHOWN = 50;
    /** How long calls in flight may take to end before an expectation fails at the end of a test. */
    private static final Duration SETTLE = Duration.ofMillis(100);
    /** The place of an expectation of the test in a report. */
    private static final Pattern OF_TEST = Pattern.compile(" \\(body:\\d+:\\d+\\)");

    private final Server server;
    private final Scenario scenario;
    private final String project;
    private final List<Object> expectations = Collections.synchronizedList(new ArrayList<>());
    /** The places of the rules of this test, as in verdicts. */
    private final Set<String> overrides = ConcurrentHashMap.newKeySet();

    private Wksmock(Server server, Scenario scenario, String project) {
        this.server = server;
        this.scenario = scenario;
        this.project = project;
    }

    /**
     * Clones the server's project under an id that is the same on every run, since chances of rules draw by their names, which have
     * it. Where that is taken, by a test that runs again or in another process, the server chooses one.
     */
    static Wksmock of(Server server, Scenario scenario, String id) {
        String project = server.env.get("WKSMOCK_PROJECT");
        try {
            Object made;
            try {
                made = server.admin.call("POST", "/projects", scenario.cloneOf(project, id));
            } catch (Admin.Conflict taken) {
                made = server.admin.call("POST", "/projects", scenario.cloneOf(project, ""));
            }
            return new Wksmock(server, scenario, Json.string(Json.object(made).get("id")));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(scenario.placed(refused.getMessage()), refused);
        }
    }

    /** Returns the endpoint for the program under test. */
    public String url() {
        return server.url;
    }

    /** Returns the endpoint by HTTPS, which is there with the setting {@code tls}. */
    public Optional<String> httpsUrl() {
        return Optional.of(server.env.get("WKSMOCK_URL")).filter(url -> url.startsWith("https:"));
    }

    /**
     * Returns a file with the certificates to trust for HTTPS, in PEM: that of the server's authority, and those of the system. For
     * other programs, {@link #env} has a trust store too.
     */
    public Optional<Path> caFile() {
        return httpsUrl().map(url -> server.env.get("SSL_CERT_FILE")).map(Path::of);
    }

    /** Returns the id of the clone, which is the project for the program under test. */
    public String project() {
        return project;
    }

    /** Returns the id of the first user. */
    public String user() {
        return server.env.getOrDefault("WKSMOCK_USER", "");
    }

    /** Returns the variables that point programs and the vendor's SDKs at the clone, for {@link ProcessBuilder#environment}. */
    public Map<String, String> env() {
        Map<String, String> env = new LinkedHashMap<>(server.env);
        env.replace("WKSMOCK_PROJECT", project);
        env.replace("HUAWEICLOUD_SDK_PROJECT_ID", project);
        return env;
    }

    /**
     * Sets rules that take precedence over all others of the clone.
     *
     * @param flags rules in the form of the flag {@code --fault}, as in {@code "*=503:1-2"} or {@code "0001=reset:1:after"}
     */
    public void fault(String... flags) {
        for (String flag : flags) {
            addOverride(Json.write(Map.of("flag", flag, "project", project)));
        }
    }

    /** Leaves out places in a request body, which the user does not know. */
    private static void withoutPlaces(Runnable call) {
        try {
            call.run();
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(wrong.getMessage().replaceAll("body:\\d+:\\d+: ", ""), wrong);
        }
    }

    private void addOverride(String body) {
        Object id = Json.object(server.admin.call("POST", "/overrides", body)).get("id");
        overrides.add("override " + id);
    }

    /**
     * Sets a rule that takes precedence over all others of the clone.
     *
     * @param rule an entry of a scenario's {@code rules}, as JSON
     */
    public void override(String rule) {
        Map<String, Object> fields = Json.readObject("rule", rule);
        Object condition = fields.get("when");
        if (condition != null && !(condition instanceof Map)) {
            throw new IllegalArgumentException("rule: expected an object in \"when\": " + rule);
        }
        Map<String, Object> when = new LinkedHashMap<>(Json.object(condition));
        when.putIfAbsent("project", project);
        fields.put("when", when);
        withoutPlaces(() -> addOverride(Json.write(fields)));
    }

    /**
     * Adds an expectation, which is judged when the test has ended.
     *
     * @param expectation an entry of a scenario's {@code expect}, as JSON; its name is optional
     */
    public void expect(String expectation) {
        Map<String, Object> fields = Json.readObject("expectation", expectation);
        synchronized (expectations) {
            fields.putIfAbsent("name", "expectation " + (expectations.size() + 1));
            List<Object> wanted = new ArrayList<>(expectations);
            wanted.add(fields);
            withoutPlaces(() -> judge(wanted, Duration.ZERO, Duration.ZERO, false)); // fails here if it is wrong
            expectations.add(fields);
        }
    }

    /** Returns the journal of the clone, the oldest request first. */
    public List<WksmockRequest> requests() {
        return all("requests", WksmockRequest::new);
    }

    /** Returns the notifications that calls in the clone sent, the oldest first. */
    public List<WksmockMessage> outbox() {
        return all("outbox", "messages", WksmockMessage::new);
    }

    /**
     * Moves virtual time, on which delays, {@code time_ms} and lifetimes of tokens depend. All tests on a server share it, so a test
     * that needs it must not run at the same time as others.
     */
    public void advance(Duration by) {
        server.admin.call("POST", "/clock", "{\"advance_ms\": " + by.toMillis() + "}");
    }

    /** Returns the password that a call sets for a user, whether it was made or not. Calls count from 1. */
    public String password(String user, int call) {
        return Json.string(Json.object(server.admin.call("GET", passwords(user) + "?call=" + call, null)).get("password"));
    }

    /** Returns the current password of a user, if a call has set one. */
    public Optional<String> password(String user) {
        Object current = Json.object(server.admin.call("GET", passwords(user), null)).get("current");
        return Optional.ofNullable(current).map(call -> Json.string(Json.object(call).get("password")));
    }

    private String passwords(String user) {
        return "/passwords/" + Admin.encoded(project) + "/" + Admin.encoded(user);
    }

    /**
     * Waits until all expectations hold, or one can no longer hold. Without it, they are judged when the test has ended.
     *
     * @param wait how long, at most a minute
     * @throws AssertionError with the evidence, if an expectation does not hold
     */
    public void verify(Duration wait) {
        failUnlessMet(judge(List.copyOf(expectations), wait, Duration.ZERO, false));
    }

    /** Throws an AssertionError with the evidence if an expectation does not hold. */
    public void verify() {
        verify(Duration.ZERO);
    }

    /** Judges for the last time, and deletes the clone. Returns the rules of this test alone that never struck, which prove nothing. */
    List<String> end() {
        Map<String, Object> verdict;
        try {
            verdict = judge(List.copyOf(expectations), Duration.ZERO, SETTLE, true);
        } catch (RuntimeException failed) {
            delete(failed);
            throw failed;
        }
        failUnlessMet(verdict);
        List<String> idle = new ArrayList<>();
        for (Object rule : Json.array(verdict.get("never_struck"))) {
            String name = Json.string(Json.object(rule).get("rule"));
            String place = Json.string(Json.object(rule).get("place"));
            String end = " in " + project;
            if (overrides.contains(place)) {
                idle.add(name.endsWith(end) ? name.substring(0, name.length() - end.length()) : name);
            } else if (place.contains("(" + project + "):")) {
                idle.add(name + " (" + scenario.placed(place) + ")");
            }
        }
        return idle;
    }

    private void failUnlessMet(Map<String, Object> verdict) {
        Object report = verdict.get("report");
        if (report != null) {
            throw new AssertionError(scenario.placed(OF_TEST.matcher(own(Json.string(report))).replaceAll("")));
        }
    }

    /** Judges the expectations of the scenario and of the test. */
    private Map<String, Object> judge(List<Object> own, Duration wait, Duration settle, boolean delete) {
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("project", project);
        wanted.put("also_expect", own);
        wanted.put("delete", delete);
        String path = "/verify?wait_ms=" + wait.toMillis() + "&settle_ms=" + settle.toMillis();
        return Json.object(server.admin.call("POST", path, Json.write(wanted), wait));
    }

    /** Leaves out the clone where a text names it for each rule and request. */
    private String own(String text) {
        return text.replace(" in " + project + "\"", "\"").replace("/" + project, "/\u2026");
    }

    /** Returns the last requests to the clone. */
    WksmockJournal journal() {
        StringJoiner lines = new StringJoiner("\n    ");
        lines.add("wksmock: the journal of project " + project + ":");
        try {
            Map<String, Object> page = page("requests", "order=newest&limit=" + JOURNAL_SHOWN);
            List<Object> newest = new ArrayList<>(Json.array(page.get("requests")));
            if (newest.isEmpty()) {
                lines.add("no requests");
            } else if (newest.size() == JOURNAL_SHOWN && Json.number(page.get("next")) != 0) {
                lines.add("the last " + JOURNAL_SHOWN + " requests:");
            }
            Collections.reverse(newest);
            newest.forEach(entry -> lines.add(own(new WksmockRequest(Json.object(entry)).toString())));
        } catch (RuntimeException failed) {
            lines.add(failed.getMessage());
        }
        return new WksmockJournal(lines.toString());
    }

    /** Deletes the clone. A failure of the test is not hidden by one of this. */
    void delete(Throwable failure) {
        try {
            server.admin.call("DELETE", "/projects/" + Admin.encoded(project), null);
        } catch (RuntimeException failed) {
            if (failure == null) {
                throw failed;
            }
            failure.addSuppressed(failed);
        }
    }

    private <T> List<T> all(String resource, Function<Map<String, Object>, T> made) {
        return all(resource, resource, made);
    }

    private <T> List<T> all(String resource, String field, Function<Map<String, Object>, T> made) {
        List<T> all = new ArrayList<>();
        long since = 0;
        while (true) {
            Map<String, Object> page = page(resource, "since=" + since + "&limit=" + PAGE);
            List<Object> entries = Json.array(page.get(field));
            if (entries.isEmpty()) {
                return all;
            }
            entries.forEach(entry -> all.add(made.apply(Json.object(entry))));
            since = Json.number(page.get("next"));
        }
    }

    private Map<String, Object> page(String resource, String query) {
        return Json.object(server.admin.call("GET", "/" + resource + "?project=" + Admin.encoded(project) + "&" + query, null));
    }
}
