package wksmock.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test of a class a {@link Wksmock} as parameter. It is short for a {@link WksmockExtension} in a static field.
 */
@Documented
@Inherited
@ExtendWith(WksmockExtension.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface WksmockTest {
    /** The seed from which passwords, chances and delays are drawn. Default: the seed in the users files, else 0. */
    long[] seed() default {};

    /** Users files, or folders of them, that the server loads in place of the built-in users. */
    String[] users() default {};

    /** Flags of {@code wksmock serve}, as in {@code {"--auth", "required"}}. */
    String[] args() default {};

    /** Whether HTTPS is served too: see {@link Wksmock#httpsUrl}. */
    boolean tls() default false;
}
