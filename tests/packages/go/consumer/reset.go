// Package consumer resets passwords.
package consumer

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// client keeps no connections, so that it repeats nothing by itself.
var client = http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Reset resets a password, and tries up to three times if the service fails.
func Reset(url, project, user string) (password string, err error) {
	for try := 1; try <= 3; try++ {
		if password, err = once(url + "/v2/" + project + "/users/" + user + "/random-password"); err == nil {
			return password, nil
		}
	}
	return "", err
}

func once(url string) (string, error) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", answer.StatusCode)
	}
	var body struct{ Password string }
	return body.Password, json.NewDecoder(answer.Body).Decode(&body)
}
