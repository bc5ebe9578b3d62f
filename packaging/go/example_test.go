package wksmock_test

import (
	"fmt"
	"testing"

	"wksmock"
)

func ExampleStart() {
	TestOutage := func(t *testing.T) {
		mock := wksmock.Start(t, wksmock.Scenario("testdata/outage.json"), wksmock.Seed(7))
		for call := 1; call <= 3; call++ {
			status, password, err := reset(mock, mock.User)
			fmt.Println(status, password, err)
		}
	}
	play(TestOutage)
	// Output:
	// 503  <nil>
	// 503  <nil>
	// 200 14v1$Oc0%P <nil>
}

func ExampleMock_Clone() {
	TestUsers := func(t *testing.T) {
		mock := wksmock.Start(t)
		for _, user := range []string{"alice", "bob"} {
			t.Run(user, func(t *testing.T) {
				t.Parallel()
				own := mock.Clone(t)
				own.Expect(`{"name": "asks once", "calls": {"min": 1, "max": 1}}`)
				if status, _, err := reset(own, own.User); status != 200 {
					t.Error(status, err)
				}
			})
		}
	}
	play(TestUsers)
	// Output:
}

func ExampleMock_Fault() {
	TestLostAnswer := func(t *testing.T) {
		mock := wksmock.Start(t)
		mock.Fault("*=reset:1:after")
		_, _, err := reset(mock, mock.User)
		// The program has no password, but the old one is gone.
		fmt.Println(err != nil, mock.Password(mock.User, 0) == mock.Password(mock.User, 1))
	}
	play(TestLostAnswer)
	// Output: true true
}

func ExampleMock_Override() {
	TestSlow := func(t *testing.T) {
		mock := wksmock.Start(t)
		mock.Override(map[string]any{
			"name":  "slow",
			"when":  map[string]any{"calls": "2-"},
			"delay": map[string]any{"fixed_ms": 20},
		})
		for call := 1; call <= 2; call++ {
			if _, _, err := reset(mock, mock.User); err != nil {
				t.Error(err)
			}
		}
		for _, request := range mock.Requests() {
			fmt.Println(request.Call, request.Decision.DelayMS)
		}
	}
	play(TestSlow)
	// Output:
	// 1 0
	// 2 20
}
