package wksmock

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// adminTimeout bounds a request to the admin API, without the wait that it asks for.
const adminTimeout = 30 * time.Second

// admin is a client of the admin API.
type admin struct {
	url    string
	token  string
	client *http.Client
	// log is that of a server of this process, which explains why it ended.
	log fmt.Stringer
	// end says how that server has ended; it is empty while it runs.
	end func() string
}

func newAdmin(url, token string) admin {
	// Without the proxy of the environment, and with connections that end before the server closes them.
	transport := &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 20 * time.Second}
	return admin{url: strings.TrimRight(url, "/"), token: token, client: &http.Client{Transport: transport}}
}

// problem is an error answer of the admin API.
type problem struct {
	Detail string
	Errors []struct{ Place, Pointer, Message, Hint string }
}

// refusal is an error for an answer of 400 or above.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string {
	return r.text
}

// call sends a request, and reads its answer into a value unless that is nil.
func (a admin) call(method, path string, body []byte, into any) error {
	return a.callFor(adminTimeout, method, path, body, into)
}

func (a admin) callFor(timeout time.Duration, method, path string, body []byte, into any) error {
	bounded, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, method, a.url+"/__admin"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("wksmock: %w", err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	answer, err := a.client.Do(request)
	if err != nil {
		return a.unanswered(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return a.unanswered(err)
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return fmt.Errorf("wksmock: the admin API at %s refuses the token, which is read from the variable WKSMOCK_ADMIN_TOKEN: %s", a.url,
			explained(answer.Status, text))
	}
	if answer.StatusCode >= 400 {
		return &refusal{answer.StatusCode, fmt.Sprintf("wksmock: %s /__admin%s: %s", method, path, explained(answer.Status, text))}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("wksmock: %s /__admin%s: unexpected answer: %w", method, path, err)
	}
	return nil
}

// unanswered says what is known of the server, since it may have ended.
func (a admin) unanswered(err error) error {
	why := "is the server at " + a.url + " still running?"
	if a.end != nil {
		if end := a.end(); end != "" {
			why = "the server has ended (" + end + ")"
		}
	}
	if a.log == nil || a.log.String() == "" {
		return fmt.Errorf("wksmock: %w: %s", err, why)
	}
	return fmt.Errorf("wksmock: %w: %s; its log ends with\n%s", err, why, a.log)
}

// explained returns an error answer as text, with the place of each error.
func explained(status string, text []byte) string {
	var answer problem
	if err := json.Unmarshal(text, &answer); err != nil || answer.Detail == "" {
		return fmt.Sprintf("%s: %s", status, text)
	}
	lines := []string{strings.TrimSuffix(answer.Detail, " See errors.")}
	for _, one := range answer.Errors {
		lines = append(lines, fmt.Sprintf("  %s: %s", one.Place+one.Pointer, one.Message))
		if one.Hint != "" {
			lines = append(lines, "    hint: "+one.Hint)
		}
	}
	return strings.Join(lines, "\n")
}
