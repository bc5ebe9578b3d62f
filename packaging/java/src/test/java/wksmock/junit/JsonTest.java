package wksmock.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writtenValueEqualsTheReadOne() {
        for (String text : new String[] {
            "{}", "[]", "{\"a\": [1, -2.50, 1E+3, true, false, null]}", "[\"\\\"\\\\\\u000a\\ud83d\\ude00\u00e9\"]",
            "{\"when\": {\"calls\": \"1-2\", \"chance\": 0.10}}", "18446744073709551615", "\"\"",
        }) {
            assertEquals(text, Json.write(Json.read(text)));
        }
        assertEquals("a/\b\f\r\t\u20ac", Json.read(" \"a\\/\\b\\f\\r\\t\\u20AC\"\n"));
    }

    @Test
    void invalidJsonIsRefusedWithItsPlace() {
        Map.of(
            "", "line 1, column 1: expected more text",
            "{\"a\": 1,\n }", "line 2, column 2: expected the name of a field in quotes",
            "[1 2]", "line 1, column 4: expected ','",
            "{\"a\": 01}", "line 1, column 7: expected a JSON value",
            "[1,]", "line 1, column 4: expected a JSON value",
            "{} {}", "line 1, column 4: expected the end",
            "\"a\nb\"", "line 1, column 3: expected an escape such as \\n in a string",
            "\"\\x\"", "line 1, column 3: expected an escape such as \\n or \\u000a",
            "{\"a\": 1, \"a\": 2}", "line 1, column 14: expected one field \"a\", not two, before here",
            "nul", "line 1, column 1: expected a JSON value"
        ).forEach((text, message) ->
            assertEquals(message, assertThrows(IllegalArgumentException.class, () -> Json.read(text)).getMessage()));
    }
}
