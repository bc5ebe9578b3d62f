package wksmock.junit;

import java.util.Map;

/** A notification in the outbox. */
public final class WksmockMessage {
    private final Map<String, Object> fields;

    WksmockMessage(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** Returns when it was sent, in milliseconds of virtual time. */
    public long atMs() {
        return Json.number(fields.get("at_ms"));
    }

    /** Returns {@code email} or {@code phone}. */
    public String type() {
        return text("type");
    }

    /** Returns the address or the phone number. */
    public String to() {
        return text("to");
    }

    /** Returns the id of the user. */
    public String user() {
        return text("user");
    }

    /** Returns the number of the call that sent it. */
    public int call() {
        return (int) Json.number(fields.get("call"));
    }

    public String password() {
        return text("password");
    }

    /** Returns the subject of an e-mail; empty for a phone. */
    public String subject() {
        return text("subject");
    }

    public String text() {
        return text("text");
    }

    /** Returns {@code recorded}, {@code queued}, {@code sent} or {@code failed}. */
    public String state() {
        return text("state");
    }

    private String text(String field) {
        return Json.string(fields.get(field));
    }

    @Override
    public String toString() {
        return type() + " to " + to() + " by call " + call() + " of " + user() + ": " + state();
    }
}
