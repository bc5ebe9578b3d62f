import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wksmock.junit.Wksmock;
import wksmock.junit.WksmockExtension;
import wksmock.junit.WksmockRequest;
import wksmock.junit.WksmockScenario;

class ResetTest {
    @RegisterExtension
    static final WksmockExtension MOCK = WksmockExtension.newInstance().seed(7).build();

    private static final CyclicBarrier ALL = new CyclicBarrier(4);

    /** Lets four tests begin together, so that each runs beside the others. */
    @BeforeEach
    void meet() throws Exception {
        ALL.await(1, TimeUnit.MINUTES);
    }

    private static String reset(Wksmock mock) throws IOException, InterruptedException {
        return Reset.password(mock.url(), mock.project(), mock.user());
    }

    @Test
    @WksmockScenario("outage.json")
    void outagePasses(Wksmock mock) throws Exception {
        assertEquals(mock.password(mock.user(), 3), reset(mock));
    }

    @Test
    @WksmockScenario("{\"rules\": [{\"name\": \"denied\", \"status\": 403}]}")
    void deniedFailsByExpectation(Wksmock mock) {
        mock.expect("{\"name\": \"asks once\", \"calls\": {\"max\": 1}}");
        assertThrows(IOException.class, () -> reset(mock));
    }

    @Test
    void faultIsSurvived(Wksmock mock) throws Exception {
        mock.fault("*=empty_response:1");
        mock.expect("{\"name\": \"tries again\", \"calls\": {\"min\": 2, \"max\": 2}}");
        assertEquals(mock.password(mock.user(), 2), reset(mock));
        assertEquals(Optional.of("empty_response"), mock.requests().get(0).fault());
    }

    @Test
    void lostAnswerIsDone(Wksmock mock) throws Exception {
        mock.override("{\"name\": \"lost\", \"when\": {\"calls\": \"1\"}, \"fault\": \"reset\", \"phase\": \"after\"}");
        assertEquals(mock.password(mock.user(), 2), reset(mock));
        WksmockRequest lost = mock.requests().get(0);
        assertEquals("cut", lost.state());
        assertEquals(Optional.of(mock.password(mock.user(), 1)), lost.password());
    }
}
