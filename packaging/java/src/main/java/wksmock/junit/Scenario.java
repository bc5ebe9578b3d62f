package wksmock.junit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The scenario of a clone: its text, and what errors call it. */
final class Scenario {
    private static final String BUILTIN = "builtin:";
    /** A place in the request that made a clone. */
    private static final Pattern PLACE = Pattern.compile("(?:body|POST /__admin/projects \\([^)]*\\)):(\\d+):(\\d+)");

    /** The JSON; empty if the clone has the rules of the server. */
    final String text;
    private final String name;

    private Scenario(String name, String text) {
        this.name = name;
        this.text = text;
    }

    static Scenario read(String source, Class<?> test, Server server) {
        if (source.isEmpty()) {
            return new Scenario("", "");
        }
        if (source.stripLeading().startsWith("{")) {
            return new Scenario("scenario", source);
        }
        if (source.startsWith(BUILTIN)) {
            return new Scenario(source, server.run("scenario", "show", source.substring(BUILTIN.length())));
        }
        try (InputStream resource = resource(source, test)) {
            if (resource != null) {
                return new Scenario(source, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
            }
            return new Scenario(source, Files.readString(Path.of(source)));
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException("Scenario \"" + source + "\": neither a resource beside " + test.getName()
                + ", nor one at the root of the class path, nor a file in " + Path.of("").toAbsolutePath()
                + "; expected one of these, builtin:NAME, or JSON that begins with {", missing);
        } catch (IOException failed) {
            throw new IllegalArgumentException("Scenario \"" + source + "\": " + failed.getMessage(), failed);
        }
    }

    private static InputStream resource(String source, Class<?> test) {
        InputStream beside = test.getResourceAsStream(source);
        return beside != null ? beside : test.getResourceAsStream("/" + source);
    }

    /** Returns the request that clones a project, under an id unless that is empty. The scenario has lines of its own, so that columns of errors are right. */
    String cloneOf(String project, String id) {
        String from = "{\"from\": " + Json.write(project) + (id.isEmpty() ? "" : ", \"id\": " + Json.write(id));
        return text.isEmpty() ? from + "}" : from + ", \"scenario\":\n" + text + "\n}";
    }

    /** Turns places in that request into places in the scenario. */
    String placed(String message) {
        if (name.isEmpty() || message == null) {
            return message;
        }
        return PLACE.matcher(message).replaceAll(this::place);
    }

    private String place(MatchResult found) {
        return Matcher.quoteReplacement(name + ":" + (Long.parseLong(found.group(1)) - 1) + ":" + found.group(2));
    }
}
