package wksmock

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// journalShown bounds the requests in the log of a failed test.
	journalShown = 50
	// settleTime is how long calls in flight may take to end before an expectation fails at the end of a test.
	settleTime = 100 * time.Millisecond
)

// placed matches a place in the request that made a clone.
var placed = regexp.MustCompile(`(?:body|POST /__admin/projects \([^)]*\)):(\d+):(\d+)`)

// ofTest matches the place of an expectation of the test in a report.
var ofTest = regexp.MustCompile(` \(body:\d+:\d+\)`)

// place turns a place in a request into that in the scenario, which begins on the second line of the request.
func (m *Mock) place(text string) string {
	found := placed.FindStringSubmatch(text)
	if found == nil || m.source == "" {
		return text
	}
	line, _ := strconv.Atoi(found[1])
	return fmt.Sprintf("%s:%d:%s", m.source, line-1, found[2])
}

// question is what a test asks the server to judge.
type question struct {
	Project    string            `json:"project"`
	AlsoExpect []json.RawMessage `json:"also_expect,omitempty"`
	Delete     bool              `json:"delete"`
	// wait is for calls that are still to come, settle for those in flight.
	wait, settle time.Duration
}

// verdict is the answer. Report has the expectations that do not hold, and is empty if all hold.
type verdict struct {
	Report      string
	NeverStruck []struct{ Rule, Place string } `json:"never_struck"`
}

// judge asks the server, and names places as the user knows them.
func (m *Mock) judge(asked question) (verdict, error) {
	asked.Project = m.Project
	body, err := json.Marshal(asked)
	if err != nil {
		return verdict{}, err
	}
	path := fmt.Sprintf("/verify?wait_ms=%d&settle_ms=%d", asked.wait.Milliseconds(), asked.settle.Milliseconds())
	var answer verdict
	if err := m.server.callFor(adminTimeout+asked.wait, "POST", path, body, &answer); err != nil {
		return verdict{}, err
	}
	report := ofTest.ReplaceAllString(m.own(answer.Report), "")
	answer.Report = placed.ReplaceAllStringFunc(report, m.place)
	return answer, nil
}

// idle returns the rules of this test alone that never struck, so that they prove nothing.
func (m *Mock) idle(answer verdict) []string {
	var idle []string
	for _, rule := range answer.NeverStruck {
		switch {
		case m.overrides[rule.Place]:
			idle = append(idle, strings.TrimSuffix(rule.Rule, " in "+m.Project))
		case strings.Contains(rule.Place, "("+m.Project+"):"):
			idle = append(idle, rule.Rule+" ("+placed.ReplaceAllStringFunc(rule.Place, m.place)+")")
		}
	}
	return idle
}

// own leaves out the clone where a text names it for each rule and request.
func (m *Mock) own(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, " in "+m.Project+`"`, `"`), "/"+m.Project, "/…")
}

// logJournal logs the last requests to the clone.
func (m *Mock) logJournal() {
	m.t.Helper()
	var page struct {
		Requests []Request
		Next     int
	}
	path := "/requests?" + m.query("order", "newest", "limit", strconv.Itoa(journalShown))
	if err := m.server.call("GET", path, nil, &page); err != nil {
		m.t.Log(err)
		return
	}
	lines := []string{"wksmock: the journal of project " + m.Project + ":"}
	if len(page.Requests) == 0 {
		lines = append(lines, "no requests")
	}
	if len(page.Requests) == journalShown && page.Next != 0 {
		lines = append(lines, fmt.Sprintf("the last %d requests:", journalShown))
	}
	for at := len(page.Requests) - 1; at >= 0; at-- {
		lines = append(lines, m.own(page.Requests[at].String()))
	}
	m.t.Log(strings.Join(lines, "\n    "))
}

// String returns the request and its answer as one line, without secrets and passwords.
func (r Request) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d ms  %s %s", r.AtMS, r.Method, r.Target)
	if r.Call != 0 {
		fmt.Fprintf(&text, "  call %d", r.Call)
	}
	text.WriteString("  " + r.State)
	if r.Answer != nil {
		fmt.Fprintf(&text, " with %d after %d ms", r.Answer.Status, r.Answer.AfterMS)
	}
	if r.Decision != nil {
		if r.Decision.Fault != "" {
			text.WriteString(", " + strings.ReplaceAll(r.Decision.Fault, "_", " "))
		}
		if r.Decision.Phase == "after" {
			text.WriteString(" after the password was reset")
		}
		for _, facet := range []string{"status", "delay", "fault"} {
			if cause, isSet := r.Decision.Causes[facet]; isSet {
				fmt.Fprintf(&text, ", %s by %q", facet, cause.Rule)
			}
		}
	}
	if r.Problem != "" {
		text.WriteString(": " + r.Problem)
	}
	return text.String()
}
