/**
 * A mock of Huawei Cloud Workspace's API for JUnit 5 tests.
 *
 * <p>{@link wksmock.junit.WksmockExtension} runs the wksmock server once for the test run, and gives each test a {@link
 * wksmock.junit.Wksmock}: a clone of the server's project, for this test alone.
 */
package wksmock.junit;
