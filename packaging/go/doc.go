// Package wksmock gives a Go test a mock of Huawei Cloud Workspace's API.
//
// [Start] runs the wksmock server once for the test process, on a free port, and clones its project for the test:
//
//	func TestTwoOutagesAreSurvived(t *testing.T) {
//		t.Parallel()
//		mock := wksmock.Start(t, wksmock.Scenario("testdata/flaky.json"))
//		mock.Expect(`{"name": "gives up after three", "calls": {"max": 3}}`)
//
//		if _, err := reset(mock.URL, mock.Project, mock.User); err != nil {
//			t.Fatal(err)
//		}
//	}
//
// A clone has call numbers, rules, a journal and an outbox of its own, so parallel tests do not affect each other. At the end
// of the test, the expectations of its scenario and of [Mock.Expect] are judged. An expectation that does not hold fails the
// test with the calls that were seen, and a failed test logs every request to its clone.
//
// # The server
//
// The wksmock command is the one given with [Binary], else the one that the variable WKSMOCK_BINARY names, else the one in
// PATH. The server stops when the test process ends, whether it passes, fails, panics or is killed. Tests with different
// [Seed], [Users] or [Args] get different servers.
//
// Under "wksmock run -- go test ./...", tests use the server of that command, with its seed and users, and its report covers
// their calls. Start then fails a test that asks for something else, unless it has [OwnServer].
//
// # Failures
//
// A method that cannot do its work ends the test with Fatal, like the helpers of package testing. Call methods from the
// goroutine of the test.
package wksmock
