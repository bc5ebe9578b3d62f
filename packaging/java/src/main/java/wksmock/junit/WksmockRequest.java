package wksmock.junit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** An entry of the journal: a request to the clone, and what became of it. */
public final class WksmockRequest {
    private final Map<String, Object> fields;
    private final Map<String, Object> decision;
    private final Map<String, Object> answer;

    WksmockRequest(Map<String, Object> fields) {
        this.fields = fields;
        this.decision = Json.object(fields.get("decision"));
        this.answer = Json.object(fields.get("answer"));
    }

    /** Returns {@code in_flight}, {@code answered}, {@code cut} or {@code rejected}. */
    public String state() {
        return text("state");
    }

    /** Returns when it arrived, in milliseconds of virtual time. */
    public long atMs() {
        return Json.number(fields.get("at_ms"));
    }

    /** Returns the operationId, such as {@code ResetRandomPassword}; empty if the path is unknown. */
    public String operation() {
        return text("operation");
    }

    public String method() {
        return text("method");
    }

    /** Returns path and query. */
    public String target() {
        return text("target");
    }

    /** Returns the user in the path; empty if it has none. */
    public String user() {
        return text("user");
    }

    /** Returns the account that called, as {@code domain/name}; empty without credentials. */
    public String account() {
        return text("account");
    }

    /** Returns the call number; 0 if the request was rejected before it was counted. */
    public int call() {
        return (int) Json.number(fields.get("call"));
    }

    /** Returns header fields by lower-case name, secrets redacted. */
    public Map<String, String> headers() {
        return Json.object(fields.get("headers")).entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, header -> Json.string(header.getValue())));
    }

    /** Returns the notifications that it asked for: {@code email}, {@code phone}. */
    public List<String> notificationTypes() {
        return Json.array(fields.get("notification_type")).stream().map(Json::string).collect(Collectors.toUnmodifiableList());
    }

    /** Returns the status that was sent, if any was. */
    public OptionalInt status() {
        return answer.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) Json.number(answer.get("status")));
    }

    /** Returns the fault on the wire, such as {@code reset}. */
    public Optional<String> fault() {
        return Optional.ofNullable(decision.get("fault")).map(Json::string);
    }

    /** Returns the new password, if the call set one. */
    public Optional<String> password() {
        return Optional.ofNullable(decision.get("password")).map(Json::string);
    }

    /** Returns the name of the rule that decided a facet: {@code status}, {@code delay} or {@code fault}. */
    public Optional<String> rule(String facet) {
        Object cause = Json.object(decision.get("causes")).get(facet);
        return Optional.ofNullable(cause).map(rule -> Json.string(Json.object(rule).get("rule")));
    }

    /** Returns why it was rejected, and what to do; empty if it was not. */
    public String problem() {
        return text("problem");
    }

    private String text(String field) {
        return Json.string(fields.get(field));
    }

    /** Returns the request and its answer as one line, without secrets and passwords. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        line.append(atMs()).append(" ms  ").append(method()).append(' ').append(target());
        if (call() != 0) {
            line.append("  call ").append(call());
        }
        line.append("  ").append(state());
        status().ifPresent(status -> line.append(" with ").append(status).append(" after ").append(answer.get("after_ms")).append(" ms"));
        fault().ifPresent(fault -> line.append(", ").append(fault.replace('_', ' ')));
        if ("after".equals(decision.get("phase"))) {
            line.append(" after the password was reset");
        }
        for (String facet : List.of("status", "delay", "fault")) {
            rule(facet).ifPresent(rule -> line.append(", ").append(facet).append(" by \"").append(rule).append('"'));
        }
        return problem().isEmpty() ? line.toString() : line + ": " + problem();
    }
}
