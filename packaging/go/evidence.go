package wksmock

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// journalShown bounds the requests in the log of a failed test.
const journalShown = 50

// placed matches a place in the request that made a clone.
var placed = regexp.MustCompile(`(?:body|POST /__admin/projects \([^)]*\)):(\d+):(\d+)`)

// place turns a place in a request into that in the scenario, which begins on the second line of the request.
func (m *Mock) place(text string) string {
	found := placed.FindStringSubmatch(text)
	if found == nil || m.source == "" {
		return text
	}
	line, _ := strconv.Atoi(found[1])
	return fmt.Sprintf("%s:%d:%s", m.source, line-1, found[2])
}

// verdict is the answer of verify.
type verdict struct {
	Expectations []struct {
		Name       string
		Place      string
		Passed     bool
		Expected   []string
		Misses     []string
		MoreMisses int `json:"more_misses"`
		Seen       []seenCall
		MoreSeen   int `json:"more_seen"`
	}
}

// seenCall is a call by which an expectation was judged.
type seenCall struct {
	User   string
	Call   int
	AtMS   int64 `json:"at_ms"`
	Status *int
	Rule   *string
	Fault  *string
	Done   *bool
	GapMS  *int64 `json:"gap_ms"`
	TookMS *int64 `json:"took_ms"`
}

// failed returns the evidence of each expectation that does not hold: those of the scenario, then those of the test.
func (m *Mock) failed(wait time.Duration) ([]string, error) {
	evidence, err := m.judge(nil, wait)
	if err != nil || len(m.expected) == 0 {
		return evidence, err
	}
	more, err := m.judge(m.expected, wait)
	return append(evidence, more...), err
}

// judge returns the evidence of each expectation that does not hold, of the scenario if none are given.
func (m *Mock) judge(expected []json.RawMessage, wait time.Duration) ([]string, error) {
	wanted := map[string]json.RawMessage{"project": []byte(quoted(m.Project))}
	if expected != nil {
		list, err := json.Marshal(expected)
		if err != nil {
			return nil, err
		}
		wanted["expect"] = list
	}
	path := fmt.Sprintf("/verify?wait_ms=%d", wait.Milliseconds())
	var answer verdict
	if err := m.server.callFor(adminTimeout+wait, "POST", path, encoded(wanted), &answer); err != nil {
		return nil, err
	}
	var evidence []string
	for _, one := range answer.Expectations {
		if one.Passed {
			continue
		}
		place := ""
		if expected == nil {
			place = " (" + m.place(one.Place) + ")"
		}
		lines := []string{fmt.Sprintf("wksmock: the expectation %q failed%s", one.Name, place)}
		for _, sentence := range one.Expected {
			lines = append(lines, "expected: "+sentence)
		}
		for _, miss := range one.Misses {
			lines = append(lines, "but:      "+miss)
		}
		if one.MoreMisses > 0 {
			lines = append(lines, fmt.Sprintf("but:      %d more", one.MoreMisses))
		}
		for _, call := range one.Seen {
			lines = append(lines, "seen:     "+call.String())
		}
		if one.MoreSeen > 0 {
			lines = append(lines, fmt.Sprintf("seen:     %d more", one.MoreSeen))
		}
		evidence = append(evidence, strings.Join(lines, "\n    "))
	}
	return evidence, nil
}

func (c seenCall) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s call %d at %d ms", c.User, c.Call, c.AtMS)
	if c.GapMS != nil {
		fmt.Fprintf(&text, ", %d ms after the answer before", *c.GapMS)
	}
	text.WriteString(": ")
	switch {
	case c.Status != nil:
		fmt.Fprintf(&text, "status %d", *c.Status)
	case c.Fault != nil:
		text.WriteString(strings.ReplaceAll(*c.Fault, "_", " "))
	default:
		text.WriteString("no answer")
	}
	if c.TookMS != nil && *c.TookMS > 0 {
		fmt.Fprintf(&text, " after %d ms", *c.TookMS)
	}
	if c.Done != nil && *c.Done && (c.Status == nil || *c.Status >= 400) {
		text.WriteString(", but the password was reset")
	}
	if c.Rule != nil {
		fmt.Fprintf(&text, ", by the rule %q", *c.Rule)
	}
	return text.String()
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
		lines = append(lines, strings.Replace(page.Requests[at].String(), "/"+m.Project, "/…", 1))
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
