package wksmock.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a test rules and expectations of its own, in place of the server's. On a method it takes precedence over one on the
 * class.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface WksmockScenario {
    /**
     * The scenario, one of:
     *
     * <ul>
     *   <li>a resource beside the test class or at the root of the class path, or a file: {@code "flaky.json"}
     *   <li>a built-in scenario: {@code "builtin:outage"}; the command {@code wksmock scenario list} prints all
     *   <li>the JSON of a scenario, which begins with <code>{</code>
     * </ul>
     */
    String value();
}
