package wksmock.junit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON: objects are maps, arrays are lists, numbers are {@link BigDecimal}. */
final class Json {
    private static final String BLANKS = " \t\r\n";

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Returns the value that a text has. */
    static Object read(String text) {
        Json reader = new Json(text);
        Object value = reader.value();
        reader.skipBlanks();
        if (reader.at < text.length()) {
            throw reader.wrong("the end");
        }
        return value;
    }

    /** Returns the object that a text has, whose fields can be changed. */
    static Map<String, Object> readObject(String what, String text) {
        Object value;
        try {
            value = read(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(what + ": " + wrong.getMessage() + ": " + text, wrong);
        }
        if (!(value instanceof Map)) {
            throw new IllegalArgumentException(what + ": expected a JSON object, not " + text);
        }
        return object(value);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> array(Object value) {
        return value == null ? List.of() : (List<Object>) value;
    }

    static String string(Object value) {
        return value == null ? "" : (String) value;
    }

    static long number(Object value) {
        return value == null ? 0 : ((BigDecimal) value).longValue();
    }

    /** Writes a value without line breaks. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map) {
            String before = "{";
            for (Map.Entry<String, Object> field : object(value).entrySet()) {
                out.append(before);
                writeString(field.getKey(), out);
                out.append(": ");
                write(field.getValue(), out);
                before = ", ";
            }
            out.append(before.equals("{") ? "{}" : "}");
        } else if (value instanceof List) {
            String before = "[";
            for (Object element : array(value)) {
                out.append(before);
                write(element, out);
                before = ", ";
            }
            out.append(before.equals("[") ? "[]" : "]");
        } else if (value instanceof String) {
            writeString((String) value, out);
        } else {
            out.append(value);
        }
    }

    private static void writeString(String value, StringBuilder out) {
        out.append('"');
        for (char letter : value.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < ' ' || Character.isSurrogate(letter)) {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        out.append('"');
    }

    private Object value() {
        skipBlanks();
        switch (peek()) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> fields = new LinkedHashMap<>();
        at++;
        while (!ends('}', fields.isEmpty())) {
            skipBlanks();
            if (peek() != '"') {
                throw wrong("the name of a field in quotes");
            }
            String name = string();
            skipBlanks();
            expect(':');
            if (fields.containsKey(name)) {
                throw wrong("one field \"" + name + "\", not two, before here");
            }
            fields.put(name, value());
        }
        return fields;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        at++;
        while (!ends(']', elements.isEmpty())) {
            elements.add(value());
        }
        return elements;
    }

    /** Skips the end of an object or array, or the comma before its next part. */
    private boolean ends(char end, boolean isEmpty) {
        skipBlanks();
        if (peek() == end) {
            at++;
            return true;
        }
        if (!isEmpty) {
            expect(',');
        }
        return false;
    }

    private String string() {
        StringBuilder value = new StringBuilder();
        at++;
        while (peek() != '"') {
            char letter = next();
            if (letter < ' ') {
                at--;
                throw wrong("an escape such as \\n in a string");
            }
            value.append(letter == '\\' ? escaped() : letter);
        }
        at++;
        return value.toString();
    }

    private char escaped() {
        char letter = next();
        int known = "\"\\/bfnrt".indexOf(letter);
        if (known >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        if (letter == 'u' && at + 4 <= text.length() && text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        at--;
        throw wrong("an escape such as \\n or \\u000a");
    }

    private BigDecimal number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            at = start;
            throw wrong("a JSON value");
        }
        return new BigDecimal(number);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a JSON value");
        }
        at += word.length();
        return value;
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw wrong("'" + wanted + "'");
        }
        at++;
    }

    private char next() {
        char letter = peek();
        at++;
        return letter;
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("more text");
        }
        return text.charAt(at);
    }

    private void skipBlanks() {
        while (at < text.length() && BLANKS.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String expected) {
        String before = text.substring(0, Math.min(at, text.length()));
        long line = before.chars().filter(letter -> letter == '\n').count() + 1;
        return new IllegalArgumentException(
            "line " + line + ", column " + (before.length() - before.lastIndexOf('\n')) + ": expected " + expected);
    }
}
