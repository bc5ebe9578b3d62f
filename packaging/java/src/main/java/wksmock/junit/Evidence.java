package wksmock.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** Says which expectations did not hold, and by which calls. */
final class Evidence {
    private Evidence() {}

    /** Returns a text for each expectation of a verdict that does not hold. Without a scenario they have no place. */
    static List<String> of(Map<String, Object> verdict, Scenario scenario) {
        List<String> failed = new ArrayList<>();
        for (Object expectation : Json.array(verdict.get("expectations"))) {
            Map<String, Object> one = Json.object(expectation);
            if (!Boolean.TRUE.equals(one.get("passed"))) {
                failed.add(text(one, scenario));
            }
        }
        return failed;
    }

    private static String text(Map<String, Object> one, Scenario scenario) {
        StringJoiner lines = new StringJoiner("\n    ");
        String place = scenario == null ? "" : " (" + scenario.placed(Json.string(one.get("place"))) + ")";
        lines.add("wksmock: the expectation \"" + one.get("name") + "\" failed" + place);
        Json.array(one.get("expected")).forEach(sentence -> lines.add("expected: " + sentence));
        Json.array(one.get("misses")).forEach(miss -> lines.add("but:      " + miss));
        if (Json.number(one.get("more_misses")) > 0) {
            lines.add("but:      " + one.get("more_misses") + " more");
        }
        Json.array(one.get("seen")).forEach(call -> lines.add("seen:     " + call(Json.object(call))));
        if (Json.number(one.get("more_seen")) > 0) {
            lines.add("seen:     " + one.get("more_seen") + " more");
        }
        return lines.toString();
    }

    /** Returns a call and its answer as one line. */
    private static String call(Map<String, Object> call) {
        StringBuilder text = new StringBuilder();
        text.append(call.get("user")).append(" call ").append(call.get("call")).append(" at ").append(call.get("at_ms")).append(" ms");
        if (call.get("gap_ms") != null) {
            text.append(", ").append(call.get("gap_ms")).append(" ms after the answer before");
        }
        Object status = call.get("status");
        if (status != null) {
            text.append(": status ").append(status);
        } else {
            text.append(": ").append(call.get("fault") == null ? "no answer" : fault(call.get("fault")));
        }
        if (Json.number(call.get("took_ms")) > 0) {
            text.append(" after ").append(call.get("took_ms")).append(" ms");
        }
        if (Boolean.TRUE.equals(call.get("done")) && (status == null || Json.number(status) >= 400)) {
            text.append(", but the password was reset");
        }
        if (call.get("rule") != null) {
            text.append(", by the rule \"").append(call.get("rule")).append('"');
        }
        return text.toString();
    }

    static String fault(Object name) {
        return Json.string(name).replace('_', ' ');
    }
}
