package wksmock.junit;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A client of the admin API. */
final class Admin {
    /** Bounds a request, without the wait that it asks for. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What was asked for is taken, or a limit is reached. */
    static final class Conflict extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Conflict(String message) {
            super(message);
        }
    }

    private final String url;
    private final String token;
    private final Server.Tail log;
    /** The process of the server; null if it is not of this test run. */
    private final Process process;
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).proxy(HttpClient.Builder.NO_PROXY).build();

    /** Makes a client; the log explains why a server of this process ended. */
    Admin(String url, String token, Server.Tail log, Process process) {
        this.url = url.replaceAll("/+$", "");
        this.token = token;
        this.log = log;
        this.process = process;
    }

    /** Sends a request, and returns the JSON of its answer, or null if that is empty. */
    Object call(String method, String path, String body) {
        return call(method, path, body, Duration.ZERO);
    }

    Object call(String method, String path, String body, Duration wait) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/__admin" + path))
            .timeout(TIMEOUT.plus(wait))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (token != null && !token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer;
        try {
            // Not interruptible, so that a test that was interrupted is judged too.
            answer = client.sendAsync(request.build(), BodyHandlers.ofString()).join();
        } catch (CompletionException failed) {
            String logged = log.toString().isEmpty() ? "" : "; its log ends with\n" + log;
            throw new IllegalStateException("wksmock: no answer from " + url + ": " + failed.getCause() + ": " + ended() + logged,
                failed.getCause());
        }
        if (answer.statusCode() == 401) {
            throw new IllegalStateException("wksmock: the admin API at " + url + " refuses the token, which is read from the variable "
                + "WKSMOCK_ADMIN_TOKEN: " + explained(answer));
        }
        if (answer.statusCode() >= 400) {
            String refused = "wksmock: " + method + " /__admin" + path + ": " + explained(answer);
            throw answer.statusCode() == 409 ? new Conflict(refused) : new IllegalArgumentException(refused);
        }
        return answer.body().isEmpty() ? null : Json.read(answer.body());
    }

    /** Says what is known of the server, which may have closed its connections a moment before it ends. */
    private String ended() {
        try {
            if (process != null && process.waitFor(200, TimeUnit.MILLISECONDS)) {
                return "the server has ended with code " + process.exitValue();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return "is the server still running?";
    }

    /** Returns an error answer as text, with the place of each error. */
    private static String explained(HttpResponse<String> answer) {
        Map<String, Object> problem;
        try {
            problem = Json.readObject("answer", answer.body());
        } catch (IllegalArgumentException other) {
            return "status " + answer.statusCode() + ": " + answer.body();
        }
        StringJoiner lines = new StringJoiner("\n");
        lines.add(Json.string(problem.get("detail")).replaceAll(" See errors\\.$", ""));
        for (Object error : Json.array(problem.get("errors"))) {
            Map<String, Object> one = Json.object(error);
            lines.add("  " + Json.string(one.get("place")) + Json.string(one.get("pointer")) + ": " + Json.string(one.get("message")));
            if (one.get("hint") != null) {
                lines.add("    hint: " + one.get("hint"));
            }
        }
        return lines.toString();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
