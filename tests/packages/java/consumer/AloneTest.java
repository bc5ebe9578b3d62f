import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import wksmock.junit.Wksmock;
import wksmock.junit.WksmockTest;

/** Is run with other environments. */
@WksmockTest(seed = 7)
class AloneTest {
    @Test
    void reset(Wksmock mock) throws Exception {
        String around = System.getenv("WKSMOCK_URL");
        assertEquals(around == null ? mock.url() : around, mock.url());
        assertEquals(mock.password(mock.user(), 1), Reset.password(mock.url(), mock.project(), mock.user()));
        String ready = System.getenv("CONSUMER_READY");
        if (ready != null) {
            Files.writeString(Path.of(ready), mock.url() + "\n");
            Thread.currentThread().join(); // until it is killed
        }
    }
}
