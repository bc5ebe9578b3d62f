package wksmock_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wksmock"
)

const twoOutages = `{
	"rules": [{"name": "two outages", "when": {"calls": "1-2"}, "status": 503}],
	"expect": [
		{"name": "sees it through", "statuses": [503, 503, 200]}
	]
}`

// reset is a program under test. It returns the status, and the password of a 200.
func reset(mock *wksmock.Mock, user string) (status int, password string, err error) {
	request, err := http.NewRequest("GET", mock.URL+"/v2/"+mock.Project+"/users/"+user+"/random-password?notification_type=email", nil)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	// A client of its own repeats no call on a connection that a fault has closed.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	var body struct{ Password string }
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", err
	}
	return answer.StatusCode, body.Password, json.Unmarshal(text, &body)
}

// called resets the password of the first user, and fails the test at an unexpected status.
func called(t *testing.T, mock *wksmock.Mock, wanted ...int) {
	t.Helper()
	for _, wanted := range wanted {
		if status, _, err := reset(mock, mock.User); status != wanted || err != nil {
			t.Fatalf("status %d, error %v; expected %d", status, err, wanted)
		}
	}
}

// recorder is a test that fails on its own.
type recorder struct {
	testing.TB
	errors   []string
	logs     []string
	cleanups []func()
	isFatal  bool
}

func (r *recorder) Name() string              { return fmt.Sprintf("recorded %p", r) }
func (r *recorder) Helper()                   {}
func (r *recorder) Skipped() bool             { return false }
func (r *recorder) Failed() bool              { return len(r.errors) > 0 }
func (r *recorder) Cleanup(cleanup func())    { r.cleanups = append(r.cleanups, cleanup) }
func (r *recorder) Error(values ...any)       { r.errors = append(r.errors, fmt.Sprint(values...)) }
func (r *recorder) Log(values ...any)         { r.logs = append(r.logs, fmt.Sprint(values...)) }
func (r *recorder) Fatalf(f string, v ...any) { r.Fatal(fmt.Sprintf(f, v...)) }
func (r *recorder) Fatal(values ...any) {
	r.Error(values...)
	r.isFatal = true
	panic(r)
}

// run runs a function as a test of its own, with its cleanups.
func run(test func(t testing.TB)) *recorder {
	r := &recorder{}
	func() {
		defer func() {
			if stopped := recover(); stopped != nil && stopped != r {
				panic(stopped)
			}
		}()
		test(r)
	}()
	for at := len(r.cleanups) - 1; at >= 0; at-- {
		r.cleanups[at]()
	}
	return r
}

// play runs a test of an example, without the output of package testing.
func play(test func(t *testing.T)) {
	shown := os.Stdout
	hidden, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	tests := []testing.InternalTest{{Name: "TestOfExample", F: func(t *testing.T) {
		os.Stdout = shown
		test(t)
	}}}
	os.Stdout = hidden
	passed := testing.RunTests(func(pattern, name string) (bool, error) { return true, nil }, tests)
	os.Stdout = shown
	if !passed {
		fmt.Println("the test failed")
	}
}

// failedWith fails the test unless the other one failed once, with all of these texts.
func failedWith(t *testing.T, r *recorder, texts ...string) {
	t.Helper()
	if len(r.errors) != 1 {
		t.Fatalf("errors: %q", r.errors)
	}
	for _, text := range texts {
		if !strings.Contains(r.errors[0], text) {
			t.Errorf("%q is not in\n%s", text, r.errors[0])
		}
	}
}

func TestScenarioOfCloneIsPlayedAndJudged(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.Scenario(twoOutages))
	called(t, mock, 503, 503, 200)
	if err := mock.Verify(time.Second); err != nil {
		t.Error(err)
	}
}

func TestFailedExpectationFailsTheTestWithEvidence(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other, wksmock.Scenario(twoOutages))
		called(t, mock, 503)
		if err := mock.Verify(0); err == nil || !strings.Contains(err.Error(), "sees it through") {
			t.Errorf("Verify returned %v", err)
		}
	})
	failedWith(t, r,
		"failed: sees it through (scenario:4:3)",
		"expected: ",
		"but:      ",
		"api-test (…0001)  ",
		` ms 503 by "two outages"`)
	if len(r.logs) != 1 || !strings.Contains(r.logs[0], "call 1  answered with 503 after ") {
		t.Errorf("journal: %q", r.logs)
	}
}

func TestExpectationOfTheTestIsJudgedBesideThoseOfTheScenario(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other, wksmock.Scenario(twoOutages))
		mock.Expect(map[string]any{"name": "calls twice at most", "calls": map[string]int{"max": 2}})
		called(t, mock, 503, 503, 200)
	})
	failedWith(t, r, "failed: calls twice at most\n", "at most 2 calls", "called 3 times: one too many")
}

func TestLostAnswerShowsThatThePasswordWasReset(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other)
		mock.Override(`{"name": "lost", "when": {"calls": "1"}, "fault": "reset", "phase": "after"}`)
		mock.Expect(`{"name": "looks before it repeats", "after_lost": {"max": 0}}`)
		if status, _, err := reset(mock, mock.User); err == nil {
			t.Errorf("status %d", status)
		}
		called(t, mock, 200)
		if requests := mock.Requests(); len(requests) != 2 || requests[0].State != "cut" || requests[0].Decision.Fault != "reset" {
			t.Errorf("requests: %v", requests)
		}
	})
	failedWith(t, r, "looks before it repeats", ` ms reset (done) by "lost"`, "(done) means that the password was reset")
}

func TestFaultsStrikeTheirUsersAndTheNewestFirst(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.Scenario(`{"rules": [{"name": "denied", "status": 403}]}`))
	other := mock.Clone(t)
	mock.Fault("*=500:1", "0001=404:2-3")
	called(t, mock, 500, 404, 404, 403)
	mock.Fault("*=503")
	called(t, mock, 503)
	called(t, other, 403)
	for _, wrong := range []string{"*=409", "unknown=503", "503"} {
		r := run(func(t testing.TB) { wksmock.Start(t).Fault(wrong) })
		failedWith(t, r, "wksmock: POST /__admin/overrides: ", ": ")
	}
}

func TestClonesOfParallelSubtestsDoNotMeet(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.Scenario(twoOutages))
	for subtest := 0; subtest < 8; subtest++ {
		t.Run(fmt.Sprint(subtest), func(t *testing.T) {
			t.Parallel()
			own := mock.Clone(t)
			called(t, own, 503, 503, 200)
		})
	}
	other := mock.Clone(t, wksmock.Scenario("builtin:denied"))
	called(t, other, 403)
	called(t, mock, 503, 503, 200)
}

func TestPasswordsAndOutboxAreThoseOfTheClone(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t)
	if password := mock.Password(mock.User, 0); password != "" {
		t.Errorf("a password before the first call: %s", password)
	}
	_, first, err := reset(mock, mock.User)
	if err != nil || first != mock.Password(mock.User, 1) || first != mock.Password(mock.User, 0) {
		t.Errorf("password %s, error %v", first, err)
	}
	if first == mock.Password(mock.User, 2) {
		t.Error("the second call sets the same password")
	}
	messages := mock.Outbox()
	if len(messages) != 1 || messages[0].Password != first || messages[0].Type != "email" {
		t.Errorf("outbox: %+v", messages)
	}
}

func TestEnvPointsProgramsAtTheClone(t *testing.T) {
	mock := wksmock.Start(t)
	mock.Setenv()
	for name, wanted := range map[string]string{
		"WKSMOCK_URL":                  mock.URL,
		"WKSMOCK_PROJECT":              mock.Project,
		"HUAWEICLOUD_SDK_PROJECT_ID":   mock.Project,
		"WKSMOCK_USER":                 mock.User,
		"HUAWEICLOUD_SDK_IAM_ENDPOINT": mock.URL,
	} {
		if found := os.Getenv(name); found != wanted {
			t.Errorf("%s is %q, expected %q", name, found, wanted)
		}
	}
}

func TestSetupsHaveServersOfTheirOwn(t *testing.T) {
	t.Parallel()
	first, same, other := wksmock.Start(t), wksmock.Start(t), wksmock.Start(t, wksmock.Seed(7))
	if first.URL != same.URL || first.URL == other.URL {
		t.Errorf("%s, %s, %s", first.URL, same.URL, other.URL)
	}
	if first.Password(first.User, 1) == other.Password(other.User, 1) {
		t.Error("seeds 0 and 7 give the same password")
	}
	users := filepath.Join(t.TempDir(), "users.json")
	text := `{"projects": [{"id": "p1", "users": [{"id": "u1", "user_name": "zoe"}]}]}`
	if err := os.WriteFile(users, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	zoes := wksmock.Start(t, wksmock.Users(users), wksmock.OwnServer())
	if zoes.User != "u1" {
		t.Errorf("user %s", zoes.User)
	}
}

func TestIdOfACloneComesFromItsTest(t *testing.T) {
	t.Parallel()
	for round := 0; round < 2; round++ {
		t.Run("again", func(t *testing.T) {
			mock := wksmock.Start(t)
			// Chances draw by the names of their rules, which have the id: parallel tests repeat on every run.
			if !strings.HasPrefix(mock.Project, "TestIdOfACloneComesFromItsTest-again") {
				t.Errorf("project %s", mock.Project)
			}
			if second := wksmock.Start(t); second.Project == mock.Project {
				t.Errorf("two clones are %s", mock.Project)
			}
		})
	}
}

func TestServerBeyondLoopbackTakesItsToken(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.OwnServer(), wksmock.Args("--host", "0.0.0.0", "--admin-token", "secret"))
	called(t, mock, 200)
}

func TestRuleThatNeverStruckIsLogged(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other, wksmock.Scenario(`{"rules": [{"name": "unused", "when": {"calls": "9"}, "status": 503}]}`))
		mock.Override(`{"name": "struck", "status": 500}`)
		mock.Fault("0002=500")
		called(t, mock, 500)
	})
	logs := strings.Join(r.logs, "\n")
	if len(r.errors) > 0 || len(r.logs) != 2 || strings.Contains(logs, "never struck: struck") ||
		!strings.Contains(logs, "never struck: unused (scenario:1:12)") || !strings.Contains(logs, "0002=500") {
		t.Errorf("errors %q, logs %q", r.errors, r.logs)
	}
}

func TestExpectationNeedsNoName(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other)
		mock.Expect(`{"calls": {"max": 1}}`)
		mock.Expect(`{"calls": {"min": 1}}`)
	})
	failedWith(t, r, "failed: expectation 2\n")
}

func TestOwnServerHasAnOwnClockAndEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var url string
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other, wksmock.OwnServer(), wksmock.Args("--clock", "manual"))
		url = mock.URL
		mock.Override(`{"name": "maintenance", "when": {"time_ms": [1000, 2000]}, "status": 503}`)
		called(t, mock, 200)
		mock.Advance(time.Second)
		called(t, mock, 503)
		mock.Advance(time.Second)
		called(t, mock, 200)
	})
	if len(r.errors) > 0 {
		t.Errorf("errors: %q", r.errors)
	}
	if _, err := http.Get(url + "/__admin/health"); err == nil {
		t.Error("the server still answers")
	}
}

func TestServerThatEndedIsExplained(t *testing.T) {
	t.Parallel()
	r := run(func(other testing.TB) {
		mock := wksmock.Start(other, wksmock.OwnServer())
		answer, err := http.Post(mock.URL+"/__admin/shutdown", "application/json", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		for {
			mock.Requests()
		}
	})
	if len(r.errors) == 0 || !strings.Contains(r.errors[0], "the server has ended (exit status 0)") {
		t.Errorf("errors: %q", r.errors)
	}
}

func TestEnvHasWhatArgsChange(t *testing.T) {
	t.Parallel()
	users := filepath.Join(t.TempDir(), "users.json")
	text := `{"projects": [{"id": "p1", "users": [{"id": "u1", "user_name": "zoe", "user_email": "zoe@example.com"}]}]}`
	if err := os.WriteFile(users, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	mock := wksmock.Start(t, wksmock.OwnServer(), wksmock.Args("--users="+users, "--listen", "0.0.0.0:0", "--admin-token", "generate",
		"--log-level", "error"))
	env := strings.Join(mock.Env(), "\n")
	if mock.User != "u1" || !strings.Contains(env, "WKSMOCK_USER=u1") || !strings.Contains(env, "WKSMOCK_URL=http://127.0.0.1:") {
		t.Errorf("%s in\n%s", mock.User, env)
	}
	if strings.Contains(env, "WKSMOCK_ADMIN_TOKEN") || mock.HTTPSURL != "" || mock.CAFile != "" {
		t.Errorf("%q %q in\n%s", mock.HTTPSURL, mock.CAFile, env)
	}
	called(t, mock, 200)
}

func TestSeparateAdminAPIIsFound(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.Args("--admin-listen", "127.0.0.1:0"))
	called(t, mock, 200)
	answer, err := http.Get(mock.URL + "/__admin/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if env := strings.Join(mock.Env(), "\n"); answer.StatusCode != 404 || strings.Contains(env, "WKSMOCK_ADMIN_URL") {
		t.Errorf("%d, %s", answer.StatusCode, env)
	}
}

func TestFlagsThatHideTheServerAreRefused(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--no-admin", "--env-file=here"} {
		failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Args(flag)) }), flag+" cannot be among wksmock.Args")
	}
}

func TestHTTPSIsServedOnRequest(t *testing.T) {
	t.Parallel()
	mock := wksmock.Start(t, wksmock.TLS())
	called(t, mock, 200)
	pem, err := os.ReadFile(mock.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in " + mock.CAFile)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	answer, err := client.Get(mock.HTTPSURL + "/v3/regions")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	env := strings.Join(mock.Env(), "\n")
	for _, variable := range []string{"WKSMOCK_URL=" + mock.HTTPSURL, "SSL_CERT_FILE=" + mock.CAFile} {
		if !strings.Contains(env, variable) {
			t.Errorf("no %s in\n%s", variable, env)
		}
	}
}

func TestServerOfTheEnvironmentIsUsedWithItsToken(t *testing.T) {
	program, err := exec.LookPath(os.Getenv("WKSMOCK_BINARY"))
	if err != nil {
		program = "wksmock"
	}
	serve := exec.Command(program, "serve", "--port", "0", "--admin-token", "secret", "--exit-with-parent")
	printed, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	})
	line, err := bufio.NewReader(printed).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "wksmock listening on "))
	t.Setenv("WKSMOCK_URL", url)
	t.Setenv("WKSMOCK_USER", "8a2c3f9579d240820179d51e6caf0002")
	r := run(func(t testing.TB) { wksmock.Start(t, wksmock.Seed(0)) })
	failedWith(t, r, "WKSMOCK_PROJECT is not")
	t.Setenv("WKSMOCK_PROJECT", "0bec5db98280d2d02fd6c00c2de791ce")
	// Seeds that no other test has, since the server of a setup is chosen once.
	t.Setenv("WKSMOCK_ADMIN_TOKEN", "wrong")
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Seed(1)) }), "WKSMOCK_ADMIN_TOKEN")
	t.Setenv("WKSMOCK_ADMIN_TOKEN", "")
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Seed(3)) }), "WKSMOCK_ADMIN_TOKEN")
	t.Setenv("WKSMOCK_ADMIN_TOKEN", "secret")
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Seed(2)) }), "asks for seed 2, not 0: give --seed 2 to")
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.TLS(), wksmock.Seed(0)) }), "HTTPS: give --tls to")
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Args("--lenient")) }), "args of its own: give --lenient to")
	users := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(users, []byte(`{"projects": [{"id": "p1", "users": [{"id": "u1"}]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	failedWith(t, run(func(t testing.TB) { wksmock.Start(t, wksmock.Users(users)) }), "other users: give --users "+users+" to")
	mock := wksmock.Start(t, wksmock.Binary("not needed"))
	if mock.URL != url || mock.User != "8a2c3f9579d240820179d51e6caf0002" {
		t.Errorf("%s, %s", mock.URL, mock.User)
	}
	called(t, mock, 200)
	if own := wksmock.Start(t, wksmock.OwnServer()); own.URL == url {
		t.Error("OwnServer uses the server of the environment")
	}
}

func TestWrongInputEndsTheTestAtItsCall(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(file, []byte("{\"rules\": [\n  {\"name\": \"a\", \"status\": 409}\n]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		test  func(mock *wksmock.Mock, t testing.TB)
		texts []string
	}{
		"scenario in a file": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Clone(t, wksmock.Scenario(file)) },
			[]string{file + ":2:27: ", "does not document status 409", "hint: "},
		},
		"scenario in JSON": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Clone(t, wksmock.Scenario(`{"rules": 1}`)) },
			[]string{"scenario:1:11: "},
		},
		"missing file": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Clone(t, wksmock.Scenario("missing.json")) },
			[]string{"missing.json", "expected a file, builtin:NAME, or JSON"},
		},
		"unknown built-in scenario": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Clone(t, wksmock.Scenario("builtin:outrage")) },
			[]string{"outrage", "outage"},
		},
		"rule": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Override(`{"status": 409}`) },
			[]string{"does not document status 409"},
		},
		"rule that is not an object": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Override("503") },
			[]string{"rule: expected a JSON object", "503"},
		},
		"expectation": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Expect(`{"name": "a", "cals": {"max": 1}}`) },
			[]string{"cals", "calls"},
		},
		"user": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Password("unknown", 1) },
			[]string{"unknown"},
		},
		"clone of another server": {
			func(mock *wksmock.Mock, t testing.TB) { mock.Clone(t, wksmock.Seed(3)) },
			[]string{"Clone takes wksmock.Scenario alone"},
		},
		"flag": {
			func(mock *wksmock.Mock, t testing.TB) { wksmock.Start(t, wksmock.Args("--fidelty", "observed")) },
			[]string{"ended before it was ready", "--fidelty", "--fidelity"},
		},
		"command": {
			func(mock *wksmock.Mock, t testing.TB) { wksmock.Start(t, wksmock.Binary("/missing/wksmock")) },
			[]string{"no wksmock command", "wksmock.Binary", "/missing/wksmock", "WKSMOCK_BINARY"},
		},
		"command of another program": {
			func(mock *wksmock.Mock, t testing.TB) { wksmock.Start(t, wksmock.Binary("/bin/echo")) },
			[]string{"/bin/echo is not the wksmock command"},
		},
	} {
		one := one
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(func(other testing.TB) { one.test(wksmock.Start(other), other) })
			failedWith(t, r, one.texts...)
			if !r.isFatal {
				t.Error("the test went on")
			}
		})
	}
}
