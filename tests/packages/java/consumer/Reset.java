import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The program under test: resets a password, and tries up to three times if the service fails. */
final class Reset {
    private Reset() {}

    static String password(String url, String project, String user) throws IOException, InterruptedException {
        URI uri = URI.create(url + "/v2/" + project + "/users/" + user + "/random-password");
        HttpRequest request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json").build();
        int status = 0;
        for (int tries = 1; tries <= 3; tries++) {
            // The JDK's client repeats a GET by itself when the connection breaks.
            HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            status = answer.statusCode();
            if (status == 200) {
                return answer.body().replaceAll("^\\{\"password\":\"|\"\\}$", "");
            }
        }
        throw new IOException("status " + status);
    }
}
