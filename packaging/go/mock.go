package wksmock

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// inBody matches a place in a request body, before what is wrong there.
var inBody = regexp.MustCompile(`body:\d+:\d+: `)

// unfit matches what the id of a clone leaves out.
var unfit = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// pageSize is the number of entries that one request reads from a journal or an outbox.
const pageSize = "1000"

// Mock is a clone of the server's project, for one test.
type Mock struct {
	// URL is the endpoint for the program under test.
	URL string
	// Project is the id of the clone, for the program under test.
	Project string
	// User is the id of the first user.
	User string
	// HTTPSURL is the endpoint by HTTPS. It is empty without the option [TLS].
	HTTPSURL string
	// CAFile names a file with the certificates to trust for HTTPS: that of the server's authority, and those of the system.
	CAFile string

	t        testing.TB
	server   *server
	scenario string
	// source names the scenario in errors.
	source string
	// expected are the expectations of the test, as JSON.
	expected []json.RawMessage
	// overrides are the places of its rules, as in verdicts.
	overrides map[string]bool
}

// Start returns a clone of its own for a test, on a server that all tests of the process share. When the test ends, it judges
// the expectations, and deletes the clone.
func Start(t testing.TB, options ...Option) *Mock {
	t.Helper()
	wanted := configured(options)
	server, err := wanted.server()
	if err != nil {
		t.Fatal(err)
	}
	if wanted.own {
		t.Cleanup(server.stop)
	}
	return clone(t, server, wanted.scenario)
}

// Clone returns another clone of the same project, for a parallel subtest. It has the scenario of this one, unless it is given
// another.
func (m *Mock) Clone(t testing.TB, options ...Option) *Mock {
	t.Helper()
	wanted := configured(options)
	if wanted.own || wanted.setup != (setup{}) {
		t.Fatal("wksmock: Clone takes wksmock.Scenario alone, since it uses the same server; call wksmock.Start for another")
	}
	if wanted.scenario == "" {
		wanted.scenario = m.scenario
	}
	return clone(t, m.server, wanted.scenario)
}

func clone(t testing.TB, server *server, scenario string) *Mock {
	t.Helper()
	m := &Mock{URL: server.url, User: server.user, HTTPSURL: server.httpsURL, CAFile: server.caFile, t: t, server: server,
		scenario: scenario, overrides: map[string]bool{}}
	text, err := m.load()
	if err != nil {
		t.Fatal(err)
	}
	wanted := `"from": ` + quoted(server.project)
	if text != "" {
		// On lines of its own, so that columns of errors are those of the file.
		wanted += ", \"scenario\":\n" + text
	}
	if err := m.create(wanted + "\n}"); err != nil {
		t.Fatal(m.inSource(err))
	}
	t.Cleanup(m.finish)
	return m
}

// create clones the project under an id that is the same on every run, since chances of rules draw by their names, which have it.
// Where that is taken, by a test that runs again or in another process, the server chooses one.
func (m *Mock) create(wanted string) error {
	var made struct{ ID string }
	err := m.server.call("POST", "/projects", []byte(`{"id": `+quoted(cloneID(m.t.Name()))+", "+wanted), &made)
	var refused *refusal
	if errors.As(err, &refused) && refused.status == http.StatusConflict {
		err = m.server.call("POST", "/projects", []byte("{"+wanted), &made)
	}
	m.Project = made.ID
	return err
}

// cloneID returns the id of the clone of a test: unlike those of other tests, and readable.
func cloneID(test string) string {
	name := strings.Trim(unfit.ReplaceAllString(test, "-"), "-")
	if len(name) > 60 {
		name = name[:60]
	}
	sum := sha256.Sum256([]byte(test))
	return fmt.Sprintf("%s-%x", name, sum[:4])
}

// load reads the scenario.
func (m *Mock) load() (string, error) {
	switch {
	case m.scenario == "":
		return "", nil
	case strings.HasPrefix(strings.TrimSpace(m.scenario), "{"):
		m.source = "scenario"
		return m.scenario, nil
	case strings.HasPrefix(m.scenario, "builtin:"):
		m.source = m.scenario
		if m.server.binary == "" {
			_, err := setup{}.command()
			return "", fmt.Errorf("%s is read by the command: %w", m.scenario, err)
		}
		return m.server.run("scenario", "show", strings.TrimPrefix(m.scenario, "builtin:"))
	}
	m.source = m.scenario
	text, err := os.ReadFile(m.scenario)
	if err != nil {
		return "", fmt.Errorf("wksmock: scenario: %w; expected a file, builtin:NAME, or JSON that begins with {", err)
	}
	return string(text), nil
}

// inSource names the scenario in the places of an error.
func (m *Mock) inSource(err error) error {
	if m.source == "" {
		return err
	}
	return errors.New(placed.ReplaceAllStringFunc(err.Error(), m.place))
}

// Env returns the variables that point programs and the vendor's SDKs at the clone, as NAME=value:
//
//	command.Env = append(os.Environ(), mock.Env()...)
func (m *Mock) Env() []string {
	env := make([]string, len(m.server.env))
	for at, variable := range m.server.env {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "WKSMOCK_PROJECT", "HUAWEICLOUD_SDK_PROJECT_ID":
			variable = name + "=" + m.Project
		}
		env[at] = variable
	}
	return env
}

// Setenv sets the variables of Env for this process until the test ends. A parallel test cannot do that: see
// [testing.T.Setenv].
func (m *Mock) Setenv() {
	m.t.Helper()
	for _, variable := range m.Env() {
		name, value, _ := strings.Cut(variable, "=")
		m.t.Setenv(name, value)
	}
}

// Fault sets rules in the form of the flag --fault, as in Fault("*=503:1-2") or Fault("0001=reset:1:after"). They take precedence
// over all others of the clone.
func (m *Mock) Fault(flags ...string) {
	m.t.Helper()
	for _, flag := range flags {
		body := `{"flag": ` + quoted(flag) + `, "project": ` + quoted(m.Project) + `}`
		m.must(m.addOverride([]byte(body)))
	}
}

func (m *Mock) addOverride(body []byte) error {
	var made struct{ ID json.Number }
	err := m.server.call("POST", "/overrides", body, &made)
	if err == nil {
		m.overrides["override "+made.ID.String()] = true
	}
	return err
}

// withoutPlaces leaves out places in a request body, which the user does not know.
func withoutPlaces(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(inBody.ReplaceAllString(err.Error(), ""))
}

// Override sets a rule that takes precedence over all others of the clone. The rule is an entry of a scenario's "rules": JSON
// as a string or []byte, or a value that package json encodes so.
func (m *Mock) Override(rule any) {
	m.t.Helper()
	fields := map[string]json.RawMessage{}
	if err := m.object("rule", rule, &fields); err != nil {
		m.t.Fatal(err)
	}
	when := map[string]json.RawMessage{}
	if fields["when"] != nil {
		if err := json.Unmarshal(fields["when"], &when); err != nil {
			m.t.Fatalf("wksmock: rule: \"when\": %v", err)
		}
	}
	if when["project"] == nil {
		when["project"] = []byte(quoted(m.Project))
	}
	fields["when"] = encoded(when)
	m.must(withoutPlaces(m.addOverride(encoded(fields))))
}

// Expect adds an expectation, which is judged when the test ends. It is an entry of a scenario's "expect": JSON as a string or
// []byte, or a value that package json encodes so. The name is optional.
func (m *Mock) Expect(expectation any) {
	m.t.Helper()
	fields := map[string]json.RawMessage{}
	if err := m.object("expectation", expectation, &fields); err != nil {
		m.t.Fatal(err)
	}
	if fields["name"] == nil {
		fields["name"] = []byte(quoted(fmt.Sprintf("expectation %d", len(m.expected)+1)))
	}
	expected := append(m.expected[:len(m.expected):len(m.expected)], encoded(fields))
	// A wrong one fails here, and not at the end of the test.
	_, err := m.judge(question{AlsoExpect: expected})
	m.must(withoutPlaces(err))
	m.expected = expected
}

// Verify waits until all expectations hold, or one can no longer hold, at most for a duration up to a minute. It returns nil,
// or an error with the evidence. Without Verify, expectations are judged when the test ends.
func (m *Mock) Verify(wait time.Duration) error {
	verdict, err := m.judge(question{AlsoExpect: m.expected, wait: wait})
	if err != nil {
		return err
	}
	if verdict.Report != "" {
		return errors.New(verdict.Report)
	}
	return nil
}

// Requests returns the journal of the clone, the oldest request first.
func (m *Mock) Requests() []Request {
	m.t.Helper()
	return allOf[Request](m, "/requests", "requests")
}

// Outbox returns the notifications that calls in the clone sent, the oldest first.
func (m *Mock) Outbox() []Message {
	m.t.Helper()
	return allOf[Message](m, "/outbox", "messages")
}

// allOf reads every page of a list of the clone.
func allOf[T any](m *Mock, resource, name string) []T {
	m.t.Helper()
	var all []T
	for since := "0"; ; {
		var page map[string]json.RawMessage
		m.must(m.server.call("GET", resource+"?"+m.query("since", since, "limit", pageSize), nil, &page))
		var list []T
		m.must(json.Unmarshal(page[name], &list))
		if len(list) == 0 {
			return all
		}
		all, since = append(all, list...), string(page["next"])
	}
}

// Advance moves virtual time, on which delays, "time_ms" and lifetimes of tokens depend. All clones of a server share it: see
// [OwnServer].
func (m *Mock) Advance(by time.Duration) {
	m.t.Helper()
	m.must(m.server.call("POST", "/clock", []byte(fmt.Sprintf(`{"advance_ms": %d}`, by.Milliseconds())), nil))
}

// Password returns the password that a call sets for a user, whether it was made or not. Calls count from 1; call 0 is the one
// that set the current password, which is empty if none did.
func (m *Mock) Password(user string, call int) string {
	m.t.Helper()
	path := "/passwords/" + url.PathEscape(m.Project) + "/" + url.PathEscape(user)
	if call == 0 {
		var answer struct{ Current struct{ Password string } }
		m.must(m.server.call("GET", path, nil, &answer))
		return answer.Current.Password
	}
	var answer struct{ Password string }
	m.must(m.server.call("GET", fmt.Sprintf("%s?call=%d", path, call), nil, &answer))
	return answer.Password
}

// finish judges the expectations and deletes the clone, and logs the journal of a failed test.
func (m *Mock) finish() {
	m.t.Helper()
	isJudged := !m.t.Skipped()
	if isJudged {
		verdict, err := m.judge(question{AlsoExpect: m.expected, Delete: true, settle: settleTime})
		if err != nil {
			m.t.Error(err)
		} else if verdict.Report != "" {
			m.t.Error(verdict.Report)
		}
		for _, rule := range m.idle(verdict) {
			m.t.Log("wksmock: a rule of this test never struck: " + rule)
		}
		isJudged = err == nil
	}
	if !isJudged {
		if err := m.server.call("DELETE", "/projects/"+url.PathEscape(m.Project), nil, nil); err != nil && !m.t.Failed() {
			m.t.Error(err)
		}
	}
	if m.t.Failed() {
		m.logJournal()
	}
}

// query returns a query for this clone, with further pairs of names and values.
func (m *Mock) query(pairs ...string) string {
	values := url.Values{"project": {m.Project}}
	for at := 0; at+1 < len(pairs); at += 2 {
		values.Set(pairs[at], pairs[at+1])
	}
	return values.Encode()
}

// must ends the test if there is an error.
func (m *Mock) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// object reads JSON, or a value that can be encoded as such, as an object.
func (m *Mock) object(what string, value any, into *map[string]json.RawMessage) error {
	var text []byte
	switch value := value.(type) {
	case string:
		text = []byte(value)
	case []byte:
		text = value
	default:
		var err error
		if text, err = json.Marshal(value); err != nil {
			return fmt.Errorf("wksmock: %s: %w", what, err)
		}
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(into); err != nil {
		return fmt.Errorf("wksmock: %s: expected a JSON object: %w: %s", what, err, text)
	}
	return nil
}

// encoded returns raw JSON values as an object.
func encoded(fields map[string]json.RawMessage) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // raw values were decoded before
	}
	return text
}

func quoted(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
