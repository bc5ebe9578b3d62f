package consumer

import (
	"os"
	"sync"
	"testing"

	"wksmock"
)

// parallel lets four tests begin together, so that each runs beside the others.
func parallel(t *testing.T) {
	t.Parallel()
	all.Done()
	all.Wait()
}

var all sync.WaitGroup

func TestMain(m *testing.M) {
	all.Add(4)
	os.Exit(m.Run())
}

func TestOutagePasses(t *testing.T) {
	parallel(t)
	mock := wksmock.Start(t, wksmock.Scenario("testdata/outage.json"))
	if password, err := Reset(mock.URL, mock.Project, mock.User); err != nil || password != mock.Password(mock.User, 3) {
		t.Errorf("password %q, error %v", password, err)
	}
}

func TestDeniedFailsByExpectation(t *testing.T) {
	parallel(t)
	mock := wksmock.Start(t, wksmock.Scenario(`{"rules": [{"name": "denied", "status": 403}]}`))
	mock.Expect(`{"name": "asks once", "calls": {"max": 1}}`)
	if _, err := Reset(mock.URL, mock.Project, mock.User); err == nil {
		t.Error("a denied reset succeeded")
	}
}

func TestFaultIsSurvived(t *testing.T) {
	parallel(t)
	mock := wksmock.Start(t)
	mock.Fault("*=empty_response:1")
	mock.Expect(`{"name": "tries again", "calls": {"min": 2, "max": 2}}`)
	if _, err := Reset(mock.URL, mock.Project, mock.User); err != nil {
		t.Error(err)
	}
	if first := mock.Requests()[0]; first.State != "cut" || first.Decision.Fault != "empty_response" {
		t.Errorf("the first request: %v", first)
	}
}

func TestLostAnswerIsDone(t *testing.T) {
	parallel(t)
	mock := wksmock.Start(t)
	mock.Override(map[string]any{"name": "lost", "when": map[string]any{"calls": "1"}, "fault": "reset", "phase": "after"})
	password, err := Reset(mock.URL, mock.Project, mock.User)
	if err != nil || password != mock.Password(mock.User, 2) {
		t.Errorf("password %q, error %v", password, err)
	}
	if lost := mock.Requests()[0]; lost.State != "cut" || lost.Decision.Password != mock.Password(mock.User, 1) {
		t.Errorf("the first request: %v", lost)
	}
}

// TestAlone is run with other environments.
func TestAlone(t *testing.T) {
	mock := wksmock.Start(t, wksmock.Seed(7))
	if around := os.Getenv("WKSMOCK_URL"); around != "" && around != mock.URL {
		t.Errorf("%s is not the server of `wksmock run`, %s", mock.URL, around)
	}
	if _, err := Reset(mock.URL, mock.Project, mock.User); err != nil {
		t.Error(err)
	}
	if ready := os.Getenv("CONSUMER_READY"); ready != "" {
		if err := os.WriteFile(ready, []byte(mock.URL+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		select {} // until it is killed
	}
}
